#include "posix/mask_broadcast.h"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "posix/clock.h"
#include "posix/futex.h"
#include "posix/syscalls.h"

namespace sigkit {
namespace {

constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kLookInterval = kMillisecond / 2;
// A thread that has not run for this many looks, with our signal blocked, sleeps so for good.
constexpr int kLooksUntilParked = 4;
constexpr int kMaxAsks = 200;

// Standard signals: unlike a real-time one, tgkill of these never fails with EAGAIN while the user's signal queue
// (RLIMIT_SIGPENDING) is full, which is just when a storm rages. They can be claimed by nobody, as they mean a fault of
// one thread, so users lose no number to us. First the one with the fewest users.
constexpr std::array<int, 5> kCandidates = {SIGFPE, SIGILL, SIGSYS, SIGBUS, SIGTRAP};
constexpr SignalSet kCandidateSet = SignalSet::Of(SIGFPE) | SignalSet::Of(SIGILL) | SignalSet::Of(SIGSYS) |
                                    SignalSet::Of(SIGBUS) | SignalSet::Of(SIGTRAP);

// A thread that is inside a handler of one of these when ours interrupts it puts the old mask back when it returns.
constexpr SignalSet kNestingSignals = SignalSet::Of(SIGSEGV) | SignalSet::Of(SIGBUS) | SignalSet::Of(SIGILL) |
                                      SignalSet::Of(SIGTRAP) | SignalSet::Of(SIGSYS) | SignalSet::Of(SIGPROF);

bool Gone(pid_t tid) { return SendToThread(tid, 0) == -ESRCH; }

}  // namespace

void MaskBroadcast::ChooseSignal() {
  KernelSigaction action;
  if (signo_ != 0 && ReadAction(signo_, &action) == 0 && (IsDefault(action) || IsEditHandler(action))) return;
  SignalSet blocked;
  ReadMask(&blocked);
  for (const int candidate : kCandidates) {
    if (ReadAction(candidate, &action) != 0 || !IsDefault(action) || blocked.Has(candidate)) continue;
    signo_ = candidate;
    return;
  }
  // Every one has a handler (a crash reporter's): take the first, and hand its own signals on.
  signo_ = kCandidates[0];
}

SignalSet MaskBroadcast::Blockable(SignalSet set) {
  // Most sets have none of them, and then the look at their actions can be spared.
  if ((set & kCandidateSet).Empty()) return set;
  ChooseSignal();
  return set & ~SignalSet::Of(signo_);
}

MaskReport MaskBroadcast::Run(MaskPlan& plan, pid_t excluded, int64_t patience) {
  MaskReport report;
  ++run_;
  ChooseSignal();
  report.error = lister_.Open();
  if (report.error == 0) report.error = InstallEditHandler(signo_);
  if (report.error < 0) return report;
  const int64_t deadline = Now() + patience;
  pending_.clear();
  for (;;) {
    const int fresh = TakeNewThreads(excluded);
    if (fresh < 0) report.error = fresh;
    if (fresh <= 0 && pending_.empty()) break;
    while (!pending_.empty()) {
      const uint32_t answers = __atomic_load_n(EditAnswers(), __ATOMIC_ACQUIRE);
      std::erase_if(pending_, [&](Pending& pending) { return WorkOn(pending, plan, report); });
      if (pending_.empty()) break;
      if (Now() >= deadline) {
        for (const Pending& pending : pending_) GiveUp(pending, plan, report);
        pending_.clear();
        break;
      }
      FutexWait(EditAnswers(), answers, kLookInterval);
      silent_ = answers == __atomic_load_n(EditAnswers(), __ATOMIC_ACQUIRE);
    }
  }
  ForgetDeadThreads();
  if (!AnyEditUnanswered()) RestoreEditHandler(signo_);
  return report;
}

// Threads that this run has not met yet join pending_. Returns how many, or a negative errno.
int MaskBroadcast::TakeNewThreads(pid_t excluded) {
  const int listed = lister_.List(&threads_);
  if (listed < 0) return listed;
  const pid_t self = ThreadId();
  int fresh = 0;
  for (const pid_t tid : threads_) {
    if (tid == self || tid == excluded) continue;
    const auto known = known_.try_emplace(tid).first;
    if (known->second.seen_in == run_) continue;
    known->second.seen_in = run_;
    pending_.push_back(Pending{.tid = tid, .look = !known->second.answers});
    ++fresh;
  }
  return fresh;
}

// True when there is nothing more to do for this thread.
bool MaskBroadcast::WorkOn(Pending& pending, MaskPlan& plan, MaskReport& report) {
  const Step step = pending.edit == nullptr ? Approach(pending, plan, report) : Collect(pending, plan, report);
  return step == Step::kFinished;
}

MaskBroadcast::Step MaskBroadcast::Approach(Pending& pending, MaskPlan& plan, MaskReport& report) {
  if (!pending.look) return Ask(pending, plan);
  Known& known = known_.find(pending.tid)->second;
  ThreadStatus status;
  const int error = ReadThreadStatus(pending.tid, &status);
  if (error == -ENOENT || error == -ESRCH) return Step::kFinished;
  if (error < 0) {
    // Out of descriptors. A release must reach threads born since; a block can still be taken back, and says why.
    if (plan.For(pending.tid).set.Empty() && known.parked_start_time == 0) return Ask(pending, plan);
    report.error = error;
    return Step::kFinished;
  }
  if (!status.blocked.Has(signo_)) {
    known.parked_start_time = 0;
    return Ask(pending, plan);
  }
  if (!IsParked(pending, status, plan)) return Step::kWaiting;
  known.parked_start_time = ThreadStartTime(pending.tid);
  if (status.blocked.Contains(plan.For(pending.tid).set)) {
    ++report.already_blocked;
  } else {
    report.unreachable.push_back(pending.tid);
  }
  return Step::kFinished;
}

// Signalling a thread that blocks our signal for ever would leave it pending there for ever. One that blocks it for a
// moment (a thread being born, one that forks) must be waited for, as it is about to put its old mask back.
bool MaskBroadcast::IsParked(Pending& pending, const ThreadStatus& status, MaskPlan& plan) {
  if (plan.BlocksOnlyBriefly(pending.tid)) return false;
  const Known& known = known_.find(pending.tid)->second;
  if (known.parked_start_time != 0 && known.parked_start_time == ThreadStartTime(pending.tid)) return true;
  const bool unmoved = status.state == 'S' && status.context_switches == pending.switches;
  pending.unmoved = unmoved ? pending.unmoved + 1 : 0;
  pending.switches = status.context_switches;
  return pending.unmoved >= kLooksUntilParked;
}

MaskBroadcast::Step MaskBroadcast::Ask(Pending& pending, MaskPlan& plan) {
  MaskEdit* edit = AcquireEdit(pending.tid);
  if (edit == nullptr) return Step::kWaiting;
  const MaskChange change = plan.For(pending.tid);
  AskEdit(edit, pending.tid, change.clear, change.set);
  if (SendToThread(pending.tid, signo_) == -ESRCH) {
    ReleaseEdit(edit);
    return Step::kFinished;
  }
  pending.edit = edit;
  ++pending.asks;
  return Step::kWaiting;
}

MaskBroadcast::Step MaskBroadcast::Collect(Pending& pending, MaskPlan& plan, MaskReport& report) {
  if (!EditDone(pending.edit)) {
    if (!silent_ || !Gone(pending.tid)) return Step::kWaiting;
    ReleaseEdit(pending.edit);
    return Step::kFinished;
  }
  const SignalSet before(pending.edit->before);
  ReleaseEdit(pending.edit);
  pending.edit = nullptr;
  const MaskChange change = plan.For(pending.tid);
  const bool held = before.Contains(change.set) && (before & change.clear).Empty();
  const bool lasted = pending.asks > 1 && held;
  if (!lasted) pending.before = before;
  if (!(before & kNestingSignals).Empty() && !held && pending.asks < kMaxAsks) {
    // Perhaps inside another handler: ask again, until an edit is found to have lasted.
    return Ask(pending, plan);
  }
  known_[pending.tid].answers = true;
  plan.Applied(pending.tid, pending.before);
  ++report.updated;
  return Step::kFinished;
}

void MaskBroadcast::GiveUp(const Pending& pending, MaskPlan& plan, MaskReport& report) {
  ThreadStatus status;
  const int error = ReadThreadStatus(pending.tid, &status);
  if (error == -ENOENT || error == -ESRCH) return;
  Known& known = known_[pending.tid];
  known.answers = false;
  // The next run need not wait for it as long again.
  if (pending.edit == nullptr && !plan.BlocksOnlyBriefly(pending.tid)) {
    known.parked_start_time = ThreadStartTime(pending.tid);
  }
  // An unanswered request stays published: the thread will still follow it whenever it unblocks our signal.
  if (status.blocked.Contains(plan.For(pending.tid).set)) {
    ++report.already_blocked;
  } else {
    report.unreachable.push_back(pending.tid);
  }
}

void MaskBroadcast::ForgetDeadThreads() {
  std::erase_if(known_, [&](const auto& entry) {
    const auto& [tid, known] = entry;
    if (known.seen_in == run_ || !Gone(tid)) return false;
    ReleaseEditOf(tid);
    return true;
  });
}

}  // namespace sigkit
