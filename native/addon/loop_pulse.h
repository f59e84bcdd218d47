#ifndef SIGKIT_ADDON_LOOP_PULSE_H_
#define SIGKIT_ADDON_LOOP_PULSE_H_

#include <uv.h>

namespace sigkit {

// Tells the guard when the event loop works and when it waits, so that its last line can say how long it has been
// stuck.
class LoopPulse {
 public:
  void Open(uv_loop_t* loop);
  void Close();

 private:
  uv_prepare_t* before_poll_ = nullptr;  // libuv's until they have closed
  uv_check_t* after_poll_ = nullptr;
};

}  // namespace sigkit

#endif  // SIGKIT_ADDON_LOOP_PULSE_H_
