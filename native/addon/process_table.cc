#include "addon/process_table.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "hub/spawner.h"

namespace sigkit {

// Node has closed its own handles by the time an environment's hooks run: what still is the same file is in nobody's
// hands.
ProcessTable::~ProcessTable() {
  for (const auto& [fd, lent] : lent_) {
    struct stat now;
    if (fstat(fd, &now) == 0 && now.st_dev == lent.st_dev && now.st_ino == lent.st_ino) close(fd);
  }
}

int ProcessTable::Open(uv_loop_t* loop, uv_poll_cb on_ready, void* data) {
  if (open_) return 0;
  UniqueFd events(epoll_create1(EPOLL_CLOEXEC));
  if (events.get() < 0) return -errno;
  int error = uv_poll_init(loop, &poll_, events.get());
  if (error != 0) return error;
  open_ = true;
  events_ = std::move(events);
  poll_.data = data;
  error = uv_poll_start(&poll_, UV_READABLE, on_ready);
  uv_unref(reinterpret_cast<uv_handle_t*>(&poll_));
  return error;
}

int ProcessTable::Watch(int pidfd) {
  epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data = {.fd = pidfd}};
  if (epoll_ctl(events_.get(), EPOLL_CTL_ADD, pidfd, &event) == 0) return 0;
  // A second look at one that has been told, but not reaped: its tracer holds it.
  if (errno == EEXIST && epoll_ctl(events_.get(), EPOLL_CTL_MOD, pidfd, &event) == 0) return 0;
  return -errno;
}

size_t ProcessTable::TakeReady(uint32_t* into, size_t limit) {
  std::array<epoll_event, 64> ready;
  const int count = events_.get() < 0
                        ? 0
                        : epoll_wait(events_.get(), ready.data(), static_cast<int>(std::min(limit, ready.size())), 0);
  for (int index = 0; index < count; ++index) {
    into[index] = static_cast<uint32_t>(ready[static_cast<size_t>(index)].data.fd);
  }
  return count < 0 ? 0 : static_cast<size_t>(count);
}

int ProcessTable::Hold(UniqueFd pidfd) {
  const int fd = pidfd.get();
  if (fd >= 0) pidfds_[fd] = std::move(pidfd);
  return fd;
}

void ProcessTable::Drop(int pidfd) {
  // A child between fork and exec can hold a copy, which would keep it in there.
  epoll_ctl(events_.get(), EPOLL_CTL_DEL, pidfd, nullptr);
  pidfds_.erase(pidfd);
}

void ProcessTable::Lend(int fd) {
  struct stat lent;
  if (fstat(fd, &lent) == 0) lent_[fd] = lent;
}

void ProcessTable::GiveUpChild(pid_t pid) {
  const auto child = children_.find(pid);
  if (child == children_.end()) return;
  const auto held = pidfds_.find(child->second);
  if (held != pidfds_.end()) {
    Spawner::Get().Adopt(pid, std::move(held->second));
    pidfds_.erase(held);
  }
  children_.erase(child);
}

void ProcessTable::Abandon() {
  for (const auto& [pid, pidfd] : children_) {
    const auto held = pidfds_.find(pidfd);
    if (held != pidfds_.end()) Spawner::Get().Adopt(pid, std::move(held->second));
  }
  children_.clear();
  pidfds_.clear();
  events_.Reset();
}

}  // namespace sigkit
