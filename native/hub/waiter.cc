#include "hub/waiter.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "posix/futex.h"
#include "posix/libc_signals.h"
#include "posix/syscalls.h"

namespace sigkit {
namespace {

constexpr int kDoorbell = SIGFPE;
// Always both, as nobody who rings can wait and see: whoever flushes one number leaves the other one alone.
constexpr int kOtherDoorbell = SIGILL;
constexpr SignalSet kDoorbells = SignalSet::Of(kDoorbell) | SignalSet::Of(kOtherDoorbell);
// Everything but libc's own and these: the faults of the thread itself.
constexpr SignalSet kFaults =
    SignalSet::Of(SIGSEGV) | SignalSet::Of(SIGBUS) | SignalSet::Of(SIGTRAP) | SignalSet::Of(SIGSYS);
constexpr size_t kStackBytes = size_t{256} * 1024;
// More signals than a kernel queue commonly holds: whoever waits for a drain under an endless storm waits no longer.
constexpr size_t kDrainBudget = 131'072;
// A ring that has not been answered for so long may have been lost.
constexpr Time kRingLife = kSecond / 100;

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
  // Nor one that nobody can wake.
  const int sent = SendToThread(ThreadId(), 0);
  if (sent < 0) return sent;
  pthread_attr_t attributes;
  int error = pthread_attr_init(&attributes);
  if (error != 0) return -error;
  pthread_attr_setstacksize(&attributes, kStackBytes);
  stopping_ = false;
  ended_ = 0;
  // The thread inherits this mask, so it is never open to a signal.
  SignalSet mask;
  ChangeMask(MaskHow::kSet, ~(LibcSignals() | kFaults), &mask);
  error = pthread_create(&thread_, &attributes, Run, this);
  ChangeMask(MaskHow::kSet, mask, nullptr);
  pthread_attr_destroy(&attributes);
  if (error != 0) return -error;
  running_ = true;
  Settle();
  return 0;
}

// No handler that rings runs any more (RemoveCatcher).
void Waiter::Stop() {
  stopping_ = true;
  while (__atomic_load_n(&ended_, __ATOMIC_ACQUIRE) == 0) {
    RingAnew();
    FutexWait(&ended_, 0, kRingLife);
  }
  pthread_join(thread_, nullptr);
  __atomic_store_n(&tid_, 0, __ATOMIC_RELEASE);
  __atomic_store_n(&rung_at_, 0, __ATOMIC_RELEASE);
  running_ = false;
  // Whoever has asked since the thread looked for the last time.
  Publish(&settled_, requested_);
  Publish(&drained_, requested_);
}

// Async-signal-safe, called by handlers: see syscalls.cc.
__attribute__((no_sanitize("thread", "address", "undefined"))) void Waiter::Ring() {
  timespec clock;
  // Not by libc's call, which a sanitizer intercepts.
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &clock);
  const Time now = clock.tv_sec * kSecond + clock.tv_nsec;
  const Time before = __atomic_exchange_n(&rung_at_, now, __ATOMIC_ACQ_REL);
  if (before != 0 && now - before < kRingLife) {
    // The time of the one that counts.
    Time expected = now;
    __atomic_compare_exchange_n(&rung_at_, &expected, before, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
    return;
  }
  const pid_t tid = __atomic_load_n(&tid_, __ATOMIC_ACQUIRE);
  if (tid == 0) return;
  SendToThread(tid, kDoorbell);
  SendToThread(tid, kOtherDoorbell);
}

void Waiter::RingAnew() {
  __atomic_store_n(&rung_at_, 0, __ATOMIC_RELEASE);
  Ring();
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
    FutexWait(reached, now, kRingLife);
    if (now == __atomic_load_n(reached, __ATOMIC_ACQUIRE)) RingAnew();
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
  auto* waiter = static_cast<Waiter*>(self);
  waiter->Loop();
  Publish(&waiter->ended_, 1);
  return nullptr;
}

void Waiter::LookAgain() {
  looked_at_ = requested_;
  set_ = sink_->WaitSet() | kDoorbells;
  sink_->TakeCaught();
  Publish(&settled_, looked_at_);
}

// To the doorbell: directed at this thread, by this process, if a full queue has not lost who has sent it. Any other is
// a signal to the process that this thread must not keep.
void Waiter::Answer(const siginfo_t& info) {
  const bool ours = info.si_code == SI_TKILL ? info.si_pid == getpid() : info.si_code == SI_USER && info.si_pid == 0;
  if (!ours) SendToThread(getpid(), info.si_signo);
  __atomic_exchange_n(&rung_at_, 0, __ATOMIC_ACQ_REL);
  LookAgain();
}

void Waiter::Wait() {
  siginfo_t info;
  const Time next = sink_->NextTime();
  const timespec rest = TimeUntil(next);
  const int got = TimedWait(set_, &info, next == kNever ? nullptr : &rest);
  if (got < 0) return;  // the time has come, or EINTR: stopped and continued, or traced
  if (kDoorbells.Has(got)) {
    Answer(info);
  } else {
    sink_->Deliver(info);
  }
}

void Waiter::KeepTime() {
  if (const Time next = sink_->NextTime(); next != kNever && Now() >= next) sink_->OnTime(Now());
}

// Until nothing is pending, or whoever waits for that has waited long enough.
void Waiter::DrainPending() {
  const uint32_t target = looked_at_;
  for (size_t budget = kDrainBudget; budget > 0 && !stopping_;) {
    if (__atomic_load_n(&rung_at_, __ATOMIC_ACQUIRE) != 0) {
      siginfo_t info;
      constexpr timespec kNow = {0, 0};
      if (TimedWait(kDoorbells, &info, &kNow) > 0) Answer(info);
    }
    KeepTime();
    const size_t taken = sink_->TakePending();
    if (taken == 0) return Publish(&drained_, looked_at_);
    budget -= std::min(budget, taken);
  }
  Publish(&drained_, target);
}

void Waiter::Loop() {
  __atomic_store_n(&tid_, ThreadId(), __ATOMIC_RELEASE);
  __atomic_exchange_n(&rung_at_, 0, __ATOMIC_ACQ_REL);
  LookAgain();
  while (!stopping_) {
    DrainPending();
    Wait();
  }
}

}  // namespace sigkit
