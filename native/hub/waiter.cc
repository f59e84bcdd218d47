#include "hub/waiter.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>

#include "posix/child_tap.h"
#include "posix/futex.h"
#include "posix/syscalls.h"

namespace sigkit {
namespace {

constexpr int kDoorbell = SIGFPE;
// Everything but libc's own two, on which setuid(2) and thread cancellation depend (nptl(7)), and the faults of the
// thread itself.
constexpr SignalSet kBlocked =
    ~(SignalSet::Of(32) | SignalSet::Of(33) | SignalSet::Of(SIGSEGV) | SignalSet::Of(SIGBUS) | SignalSet::Of(SIGILL) |
      SignalSet::Of(SIGTRAP) | SignalSet::Of(SIGSYS));
constexpr size_t kStackBytes = size_t{256} * 1024;
// More signals than a kernel queue commonly holds: whoever waits for a drain under an endless storm waits no longer.
constexpr int kDrainBudget = 131'072;
constexpr int64_t kAwaitSlice = 1'000'000'000;

void Publish(uint32_t* word, uint32_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
  FutexWake(word);
}

}  // namespace

int Waiter::Start() {
  // Where a sandbox forbids the call, that must be known here and not by a thread that spins.
  siginfo_t info;
  constexpr timespec kNow = {0, 0};
  const int probed = TimedWait(SignalSet(), &info, &kNow);
  if (probed != -EAGAIN && probed != -EINTR) return probed;
  pthread_attr_t attributes;
  int error = pthread_attr_init(&attributes);
  if (error != 0) return -error;
  pthread_attr_setstacksize(&attributes, kStackBytes);
  stopping_ = false;
  // The thread inherits this mask, so it is never open to a signal.
  SignalSet mask;
  ChangeMask(MaskHow::kSet, kBlocked, &mask);
  error = pthread_create(&thread_, &attributes, Run, this);
  ChangeMask(MaskHow::kSet, mask, nullptr);
  pthread_attr_destroy(&attributes);
  if (error != 0) return -error;
  running_ = true;
  Settle();
  return 0;
}

void Waiter::Stop() {
  stopping_ = true;
  Ring();
  pthread_join(thread_, nullptr);
  tid_ = 0;
  rung_ = 0;
  running_ = false;
  // Whoever has asked since the thread looked for the last time.
  Publish(&settled_, requested_);
  Publish(&drained_, requested_);
}

// Called by the handler of SIGCHLD: see syscalls.cc.
__attribute__((no_sanitize("thread", "address", "undefined"))) void Waiter::Ring() {
  const pid_t tid = tid_.load();
  if (tid != 0 && rung_.exchange(1, std::memory_order_acq_rel) == 0) SendToThread(tid, kDoorbell);
}

uint32_t Waiter::Request() {
  const uint32_t request = requested_.fetch_add(1) + 1;
  Ring();
  return request;
}

void Waiter::Await(const uint32_t* reached, uint32_t request) {
  for (;;) {
    const uint32_t now = __atomic_load_n(reached, __ATOMIC_ACQUIRE);
    if (static_cast<int32_t>(now - request) >= 0 || !running_) return;
    FutexWait(reached, now, kAwaitSlice);
  }
}

void Waiter::Settle() {
  if (running_) Await(&settled_, Request());
}

void Waiter::Drain() {
  if (running_) Await(&drained_, Request());
}

void* Waiter::Run(void* self) {
  prctl(PR_SET_NAME, "sigkit");
  static_cast<Waiter*>(self)->Loop();
  return nullptr;
}

void Waiter::LookAgain() {
  looked_at_ = requested_;
  set_ = sink_->WaitSet() | SignalSet::Of(kDoorbell);
  Publish(&settled_, looked_at_);
  TakeChildSignals();
}

void Waiter::TakeChildSignals() {
  siginfo_t info;
  uint32_t count;
  while (TakeChildSignal(&info, &count)) sink_->Deliver(info, count);
}

// The next signal; -EAGAIN if there is none: yet, or until something else was to be done.
int Waiter::Next(bool wait, siginfo_t* info) {
  constexpr timespec kNow = {0, 0};
  const Time next = sink_->NextTime();
  if (!wait) return TimedWait(set_, info, &kNow);
  if (next == kNever) return TimedWait(set_, info, nullptr);
  const timespec rest = TimeUntil(next);
  return TimedWait(set_, info, &rest);
}

void Waiter::Loop() {
  tid_ = ThreadId();
  LookAgain();
  bool idle = false;
  uint32_t target = looked_at_;
  int budget = kDrainBudget;
  while (!stopping_) {
    siginfo_t info;
    const int got = Next(idle, &info);
    if (const Time next = sink_->NextTime(); next != kNever && Now() >= next) sink_->OnTime(Now());
    if (got == -EAGAIN) {
      Publish(&drained_, looked_at_);
      idle = true;
      continue;
    }
    if (got < 0) continue;  // EINTR: stopped and continued, or traced
    if (got == kDoorbell) {
      // Not rung by us: it is a signal to the process that this thread must not keep.
      if (rung_.exchange(0, std::memory_order_acq_rel) == 0) SendToThread(getpid(), kDoorbell);
      LookAgain();
    } else {
      sink_->Deliver(info, 1);
    }
    if (idle || --budget == 0) {
      if (!idle) Publish(&drained_, target);
      idle = false;
      target = looked_at_;
      budget = kDrainBudget;
    }
  }
}

}  // namespace sigkit
