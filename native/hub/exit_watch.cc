#include "hub/exit_watch.h"

#include <sys/prctl.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "posix/child_wait.h"
#include "posix/quiet_thread.h"

namespace sigkit {
namespace {

constexpr int kForever = -1;
// Between the look whether a number is still ours and the wait on it, somebody can have closed it: it is looked at once
// more when all has been quiet for so long.
constexpr int kVerifyMs = 1000;
// For what nothing can announce: a zombie whose tracer has not let go of it (ptrace(2)), a child without a pidfd.
constexpr int kLookAgainMs = 50;

// All are looked at again when one has ended, or one more is to be watched: of many that end, several shall have by
// then.
void Rest(size_t count) {
  constexpr size_t kFew = 16;
  constexpr size_t kNanosecondsEach = 10'000;
  constexpr size_t kMost = 10'000'000;
  if (count < kFew) return;
  const timespec pause = {.tv_sec = 0, .tv_nsec = static_cast<long>(std::min(count * kNanosecondsEach, kMost))};
  nanosleep(&pause, nullptr);
}

}  // namespace

// Never destroyed: threads of other environments may still use it while the process exits.
ExitWatch& ExitWatch::Get() {
  static auto* const watch = new ExitWatch;
  return *watch;
}

int ExitWatch::Start() {
  const std::scoped_lock locking(lock_);
  return StartLocked();
}

// Once it runs, only the thread itself mends its bell: it may be about to wait for the old one.
int ExitWatch::StartLocked() {
  if (running_) return 0;
  const int opened = bell_.Open();
  if (opened < 0) return opened;
  stopping_ = false;
  const int error = StartQuietThread(&thread_, Run, this);
  running_ = error == 0;
  return error;
}

int ExitWatch::Watch(ExitListener* listener, uint32_t id, const OwnedFd* pidfd) {
  const std::scoped_lock locking(lock_);
  if (!pidfd->IsStillOurs()) return -EBADF;
  const int started = StartLocked();
  if (started < 0) return started;
  watched_[pidfd] = {.listener = listener, .id = id, .watch = ++watches_};
  bell_.Ring();
  return 0;
}

void ExitWatch::Forget(const OwnedFd* pidfd) {
  const std::scoped_lock locking(lock_);
  watched_.erase(pidfd);
}

void ExitWatch::ForgetAll(const ExitListener* listener) {
  const std::scoped_lock locking(lock_);
  std::erase_if(watched_, [listener](const auto& entry) { return entry.second.listener == listener; });
}

void ExitWatch::Adopt(pid_t pid, OwnedFd pidfd) {
  const std::scoped_lock locking(lock_);
  if (!running_) return;
  adopted_[pid] = std::move(pidfd);
  bell_.Ring();
}

void ExitWatch::Stop() {
  {
    const std::scoped_lock locking(lock_);
    if (!running_) return;
    stopping_ = true;
    bell_.Ring();
  }
  pthread_join(thread_, nullptr);
  const std::scoped_lock locking(lock_);
  running_ = false;
  watched_.clear();
  adopted_.clear();
  bell_.Close();
}

void* ExitWatch::Run(void* self) {
  prctl(PR_SET_NAME, "sigkit-exits");
  static_cast<ExitWatch*>(self)->Loop();
  return nullptr;
}

void ExitWatch::Loop() {
  for (;;) {
    int timeout;
    {
      const std::scoped_lock locking(lock_);
      if (stopping_) return;
      timeout = CollectPolled();
    }
    is_verified_ = poll(polled_.data(), polled_.size(), timeout) == 0;
    {
      const std::scoped_lock locking(lock_);
      bell_.Answer();
      TellPolled();
      ReapAdopted();
    }
    Rest(polled_.size());
  }
}

// Returns how long to wait at most.
int ExitWatch::CollectPolled() {
  int timeout = is_verified_ ? kForever : kVerifyMs;
  if (bell_.Open() < 0) timeout = kLookAgainMs;
  polled_.assign(1, {.fd = bell_.get(), .events = POLLIN, .revents = 0});
  owners_.assign(1, {});
  std::erase_if(watched_, [this](const auto& entry) {
    const auto& [pidfd, watched] = entry;
    if (!pidfd->IsStillOurs()) {
      watched.listener->OnExit(watched.id, true);
      return true;
    }
    polled_.push_back({.fd = pidfd->get(), .events = POLLIN, .revents = 0});
    owners_.push_back({.pidfd = pidfd, .watch = watched.watch});
    return false;
  });
  for (const auto& [pid, pidfd] : adopted_) {
    ChildState state;
    // One that is a zombie and yet was not reaped would be told for ever.
    if (!pidfd.IsStillOurs() || PeekChildExit(pid, &state) != 0) {
      timeout = kLookAgainMs;
    } else {
      polled_.push_back({.fd = pidfd.get(), .events = POLLIN, .revents = 0});
      owners_.push_back({});
    }
  }
  return timeout;
}

void ExitWatch::TellPolled() {
  for (size_t index = 1; index < polled_.size(); ++index) {
    if (polled_[index].revents == 0) continue;
    const auto entry = watched_.find(owners_[index].pidfd);
    if (entry == watched_.end() || entry->second.watch != owners_[index].watch) continue;
    // Somebody may have had the number before the wait began: then that was not what was waited for.
    entry->second.listener->OnExit(entry->second.id, !entry->first->IsStillOurs());
    watched_.erase(entry);
  }
}

void ExitWatch::ReapAdopted() {
  std::erase_if(adopted_, [](const auto& entry) {
    ChildState state;
    return TakeChildState(entry.first, 0, &state) != 0;
  });
}

}  // namespace sigkit
