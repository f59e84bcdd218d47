#include "addon/loop_pulse.h"

#include "hub/hub.h"

namespace sigkit {

// None of these calls can fail.
void LoopPulse::Open(uv_loop_t* loop) {
  before_poll_.Open([&](uv_prepare_t* handle) {
    uv_prepare_init(loop, handle);
    return uv_prepare_start(handle, [](uv_prepare_t*) { Hub::Get().guard().LoopPolls(); });
  });
}

}  // namespace sigkit
