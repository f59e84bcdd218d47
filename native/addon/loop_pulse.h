#ifndef SIGKIT_ADDON_LOOP_PULSE_H_
#define SIGKIT_ADDON_LOOP_PULSE_H_

#include <uv.h>

#include "addon/loop_handle.h"

namespace sigkit {

// Tells the guard when the event loop polls, so that its last line can say how long it has been stuck.
class LoopPulse {
 public:
  void Open(uv_loop_t* loop);
  void Close() { before_poll_.Close(); }

 private:
  LoopHandle<uv_prepare_t> before_poll_;
};

}  // namespace sigkit

#endif  // SIGKIT_ADDON_LOOP_PULSE_H_
