#include "hub/waiter.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
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
constexpr size_t kDrainBudget = 131'072;
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

// To the doorbell. Not rung by us, it is a signal to the process that this thread must not keep.
void Waiter::Answer() {
  if (rung_.exchange(0, std::memory_order_acq_rel) == 0) SendToThread(getpid(), kDoorbell);
  LookAgain();
}

void Waiter::Wait() {
  siginfo_t info;
  const Time next = sink_->NextTime();
  const timespec rest = TimeUntil(next);
  const int got = TimedWait(set_, &info, next == kNever ? nullptr : &rest);
  if (got < 0) return;  // the time has come, or EINTR: stopped and continued, or traced
  if (got == kDoorbell) {
    Answer();
  } else {
    sink_->Deliver(info, 1);
  }
}

void Waiter::KeepTime() {
  if (const Time next = sink_->NextTime(); next != kNever && Now() >= next) sink_->OnTime(Now());
}

// Until nothing is pending, or whoever waits for that has waited long enough.
void Waiter::DrainPending() {
  const uint32_t target = looked_at_;
  for (size_t budget = kDrainBudget; budget > 0 && !stopping_;) {
    if (rung_ != 0) {
      siginfo_t info;
      constexpr timespec kNow = {0, 0};
      if (TimedWait(SignalSet::Of(kDoorbell), &info, &kNow) == kDoorbell) Answer();
    }
    KeepTime();
    const size_t taken = sink_->TakePending();
    if (taken == 0) return Publish(&drained_, looked_at_);
    budget -= std::min(budget, taken);
  }
  Publish(&drained_, target);
}

void Waiter::Loop() {
  tid_ = ThreadId();
  LookAgain();
  while (!stopping_) {
    DrainPending();
    Wait();
  }
}

}  // namespace sigkit
