#include "addon/loop_poll.h"

namespace sigkit {

int LoopPoll::Open(uv_loop_t* loop, int fd, uv_poll_cb on_readable, void* data) {
  int error = poll_.Open([&](uv_poll_t* handle) { return uv_poll_init(loop, handle, fd); });
  if (error < 0) return error;
  poll_.get()->data = data;
  error = uv_poll_start(poll_.get(), UV_READABLE, on_readable);
  if (error < 0) Close();
  return error;
}

}  // namespace sigkit
