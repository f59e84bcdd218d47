#include "hub/spawner.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "posix/child_wait.h"
#include "posix/futex.h"
#include "posix/syscalls.h"

namespace sigkit {
namespace {

// Everything, so that a child has no handler of ours to run before it has reset them all; but libc's own two, on which
// setuid(2) depends (nptl(7)), and the faults of the thread itself.
constexpr SignalSet kBlocked =
    ~(SignalSet::Of(32) | SignalSet::Of(33) | SignalSet::Of(SIGSEGV) | SignalSet::Of(SIGBUS) | SignalSet::Of(SIGILL) |
      SignalSet::Of(SIGTRAP) | SignalSet::Of(SIGSYS));
constexpr uint64_t kDoorbell = 0;
constexpr int64_t kAwaitSlice = 1'000'000'000;

// Edges only: a zombie that its tracer still holds would be told for ever (ptrace(2)).
int Watch(int events, int fd, uint64_t what) {
  epoll_event event = {.events = EPOLLIN | EPOLLET, .data = {.u64 = what}};
  return epoll_ctl(events, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : -errno;
}

}  // namespace

// Never destroyed: threads of other environments may still use it while the process exits.
Spawner& Spawner::Get() {
  static auto* const spawner = new Spawner;
  return *spawner;
}

int Spawner::Start() {
  events_.Reset(epoll_create1(EPOLL_CLOEXEC));
  doorbell_.Reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (events_.get() < 0 || doorbell_.get() < 0) return -errno;
  const int watched = Watch(events_.get(), doorbell_.get(), kDoorbell);
  if (watched < 0) return watched;
  stopping_ = false;
  SignalSet mask;
  ChangeMask(MaskHow::kSet, kBlocked, &mask);
  const int error = pthread_create(&thread_, nullptr, Run, this);
  ChangeMask(MaskHow::kSet, mask, nullptr);
  if (error != 0) return -error;
  running_ = true;
  return 0;
}

void Spawner::Stop() {
  const std::scoped_lock calling(callers_);
  if (!running_) return;
  {
    const std::scoped_lock locked(state_);
    stopping_ = true;
  }
  eventfd_write(doorbell_.get(), 1);
  pthread_join(thread_, nullptr);
  running_ = false;
  const std::scoped_lock locked(state_);
  adopted_.clear();
  events_.Reset();
  doorbell_.Reset();
}

SpawnResult Spawner::Spawn(const SpawnRequest& request) {
  const std::scoped_lock calling(callers_);
  if (!running_) {
    const int error = Start();
    if (error < 0) return {.pid = 0, .pidfd = UniqueFd(), .error = error, .step = SpawnStep::kClone};
  }
  const uint32_t answered = __atomic_load_n(&answered_, __ATOMIC_ACQUIRE);
  {
    const std::scoped_lock locked(state_);
    request_ = &request;
  }
  eventfd_write(doorbell_.get(), 1);
  while (__atomic_load_n(&answered_, __ATOMIC_ACQUIRE) == answered) FutexWait(&answered_, answered, kAwaitSlice);
  const std::scoped_lock locked(state_);
  return std::move(result_);
}

void Spawner::Adopt(pid_t pid, UniqueFd pidfd) {
  const std::scoped_lock calling(callers_);
  const std::scoped_lock locked(state_);
  if (!running_ || pidfd.get() < 0) return;
  if (Watch(events_.get(), pidfd.get(), static_cast<uint64_t>(pid)) == 0) adopted_[pid] = std::move(pidfd);
}

void* Spawner::Run(void* self) {
  prctl(PR_SET_NAME, "sigkit-spawn");
  static_cast<Spawner*>(self)->Loop();
  return nullptr;
}

void Spawner::Loop() {
  for (;;) {
    std::array<epoll_event, 64> ready;
    const int count = epoll_wait(events_.get(), ready.data(), ready.size(), -1);
    std::unique_lock locked(state_);
    if (stopping_) return;
    for (int index = 0; index < count; ++index) {
      const auto pid = static_cast<pid_t>(ready[static_cast<size_t>(index)].data.u64);
      ChildState state;
      if (pid != kDoorbell && TakeChildState(pid, 0, &state) != 0) adopted_.erase(pid);
    }
    eventfd_t rung;
    eventfd_read(doorbell_.get(), &rung);
    if (request_ == nullptr) continue;
    const SpawnRequest& request = *request_;
    locked.unlock();
    SpawnResult result = SpawnChild(request);
    locked.lock();
    result_ = std::move(result);
    request_ = nullptr;
    __atomic_fetch_add(&answered_, 1, __ATOMIC_ACQ_REL);
    FutexWake(&answered_);
  }
}

}  // namespace sigkit
