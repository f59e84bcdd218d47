#include "addon/loop_poll.h"

#include <memory>
#include <utility>

namespace sigkit {

int LoopPoll::Open(uv_loop_t* loop, int fd, uv_poll_cb on_readable, void* data) {
  auto poll = std::make_unique<uv_poll_t>();
  int error = uv_poll_init(loop, poll.get(), fd);
  if (error != 0) return error;
  poll_ = poll.release();
  poll_->data = data;
  error = uv_poll_start(poll_, UV_READABLE, on_readable);
  // What keeps the loop alive is the streams' own choice.
  uv_unref(reinterpret_cast<uv_handle_t*>(poll_));
  if (error != 0) Close();
  return error;
}

void LoopPoll::Close() {
  const auto free = [](uv_handle_t* handle) {
    const std::unique_ptr<uv_poll_t> closed(reinterpret_cast<uv_poll_t*>(handle));
  };
  if (poll_ != nullptr) uv_close(reinterpret_cast<uv_handle_t*>(std::exchange(poll_, nullptr)), free);
}

}  // namespace sigkit
