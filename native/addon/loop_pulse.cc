#include "addon/loop_pulse.h"

#include <memory>
#include <utility>

#include "hub/hub.h"

namespace sigkit {
namespace {

template <typename Handle>
void CloseHandle(Handle*& handle) {
  const auto free = [](uv_handle_t* closed) { const std::unique_ptr<Handle> owner(reinterpret_cast<Handle*>(closed)); };
  if (handle != nullptr) uv_close(reinterpret_cast<uv_handle_t*>(std::exchange(handle, nullptr)), free);
}

}  // namespace

void LoopPulse::Open(uv_loop_t* loop) {
  before_poll_ = std::make_unique<uv_prepare_t>().release();
  after_poll_ = std::make_unique<uv_check_t>().release();
  uv_prepare_init(loop, before_poll_);
  uv_check_init(loop, after_poll_);
  uv_prepare_start(before_poll_, [](uv_prepare_t*) { Hub::Get().guard().LoopIdle(); });
  uv_check_start(after_poll_, [](uv_check_t*) { Hub::Get().guard().LoopBusy(); });
  uv_unref(reinterpret_cast<uv_handle_t*>(before_poll_));
  uv_unref(reinterpret_cast<uv_handle_t*>(after_poll_));
}

void LoopPulse::Close() {
  CloseHandle(before_poll_);
  CloseHandle(after_poll_);
}

}  // namespace sigkit
