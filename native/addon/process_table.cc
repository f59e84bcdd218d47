#include "addon/process_table.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <utility>

namespace sigkit {
namespace {

// Not fstat(2), as in OwnedFd.
int Look(int fd, struct stat* status) { return fstatat(fd, "", status, AT_EMPTY_PATH); }

}  // namespace

// Node has closed its own handles by the time an environment's hooks run: what still is the same file is in nobody's
// hands.
ProcessTable::~ProcessTable() {
  for (const auto& [fd, lent] : lent_) {
    struct stat now;
    if (Look(fd, &now) == 0 && now.st_dev == lent.st_dev && now.st_ino == lent.st_ino) close(fd);
  }
}

int ProcessTable::Open(uv_loop_t* loop, uv_async_cb on_ready, void* data) {
  const int started = ExitWatch::Get().Start();
  if (started < 0 || open_) return started;
  const int error = uv_async_init(loop, &wake_, on_ready);
  if (error != 0) return error;
  open_ = true;
  wake_.data = data;
  uv_unref(reinterpret_cast<uv_handle_t*>(&wake_));
  return 0;
}

int ProcessTable::Watch(int id) {
  const auto held = pidfds_.find(id);
  if (held == pidfds_.end()) return -EBADF;
  return ExitWatch::Get().Watch(this, static_cast<uint32_t>(id), &held->second);
}

void ProcessTable::OnExit(uint32_t id, bool is_lost) {
  {
    const std::scoped_lock locking(lock_);
    ready_.push_back(id | (is_lost ? kLost : 0));
  }
  uv_async_send(&wake_);
}

size_t ProcessTable::TakeReady(uint32_t* into, size_t limit) {
  const std::scoped_lock locking(lock_);
  const size_t count = std::min(limit, ready_.size());
  const auto end = ready_.begin() + static_cast<std::ptrdiff_t>(count);
  std::copy(ready_.begin(), end, into);
  ready_.erase(ready_.begin(), end);
  return count;
}

int ProcessTable::Hold(UniqueFd pidfd) {
  if (pidfd.get() < 0) return pidfd.get();
  do {
    ids_ = ids_ == INT_MAX ? 0 : ids_ + 1;
  } while (pidfds_.contains(ids_));
  pidfds_[ids_] = OwnedFd(std::move(pidfd));
  return ids_;
}

void ProcessTable::Drop(int id) { static_cast<void>(TakeOut(id)); }

int ProcessTable::Descriptor(int id) const {
  const auto held = pidfds_.find(id);
  return held != pidfds_.end() && held->second.IsStillOurs() ? held->second.get() : -1;
}

void ProcessTable::AddChild(pid_t pid, int id, std::shared_ptr<Birth> birth) {
  children_[pid] = {.id = id, .birth = std::move(birth)};
}

BirthError ProcessTable::ErrorOfBirth(pid_t pid) const {
  const auto child = children_.find(pid);
  return child == children_.end() || child->second.birth == nullptr ? BirthError{} : child->second.birth->error();
}

void ProcessTable::Lend(int fd) {
  struct stat lent;
  if (Look(fd, &lent) == 0) lent_[fd] = lent;
}

OwnedFd ProcessTable::TakeOut(int id) {
  const auto held = pidfds_.find(id);
  if (held == pidfds_.end()) return {};
  ExitWatch::Get().Forget(&held->second);
  OwnedFd taken = std::move(held->second);
  pidfds_.erase(held);
  return taken;
}

void ProcessTable::GiveUpChild(pid_t pid) {
  const auto child = children_.find(pid);
  if (child == children_.end()) return;
  ExitWatch::Get().Adopt(pid, TakeOut(child->second.id));
  children_.erase(child);
}

void ProcessTable::Abandon() {
  ExitWatch::Get().ForgetAll(this);
  for (const auto& [pid, child] : children_) ExitWatch::Get().Adopt(pid, TakeOut(child.id));
  children_.clear();
  pidfds_.clear();
}

}  // namespace sigkit
