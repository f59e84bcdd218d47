#include "addon/turn_pulse.h"

#include <uv.h>

#include <memory>

#include "addon/loop_handle.h"
#include "hub/javascript_thread.h"

namespace sigkit {
namespace {

using Pulse = LoopHandle<uv_prepare_t>;

}  // namespace

void* OpenTurnPulse(void* on, JavaScriptThread* thread) {
  auto* loop = static_cast<uv_loop_t*>(on);
  // Node measures it anyway (eventLoopUtilization); who embeds Node may not.
  uv_loop_configure(loop, UV_METRICS_IDLE_TIME);
  auto pulse = std::make_unique<Pulse>();
  const int error = pulse->Open([&](uv_prepare_t* handle) {
    uv_prepare_init(loop, handle);
    handle->data = thread;
    return uv_prepare_start(handle,
                            [](uv_prepare_t* started) { static_cast<JavaScriptThread*>(started->data)->OnPoll(); });
  });
  return error < 0 ? nullptr : pulse.release();
}

void CloseTurnPulse(void* pulse) {
  const std::unique_ptr<Pulse> closed(static_cast<Pulse*>(pulse));
  closed->Close();
}

}  // namespace sigkit
