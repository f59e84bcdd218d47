// What the broadcast learns of a thread from /proc, before it asks and when no answer comes.
#include <cerrno>
#include <utility>

#include "posix/mask_broadcast.h"
#include "posix/syscalls.h"

namespace sigkit {
namespace {

// A thread that has not run for this many looks, with our signal blocked, is asleep so.
constexpr int kLooksUntilParked = 4;
constexpr int kLooksUntilOpen = 3;
constexpr int kMaxAsksInVain = 3;

bool IsHeldUp(const ThreadStatus& status) { return status.state == 'T' || status.state == 't' || status.state == 'D'; }

}  // namespace

MaskBroadcast::Step MaskBroadcast::Approach(Pending& pending, MaskPlan& plan, MaskReport& report) {
  Known& known = known_.find(pending.tid)->second;
  const MaskChange change = ChangeFor(pending, plan);
  if (!pending.look && change.set.Empty() && change.clear.Empty() && !known.requested) return Step::kFinished;
  if (!pending.look) {
    ThreadStatus status;
    const bool may_be_steady = pending.asks > 0 && patience_.spent() >= kPatienceForBlocked && !report.incomplete;
    if (may_be_steady && ReadThreadStatus(pending.tid, &status) == 0)
      known.steady.LearnAsleep(pending.tid, status, ManagedIn(pending.tid, plan), signo_);
    return Ask(pending, plan);
  }
  if (report.incomplete || SleepsAsKnown(pending.tid, known)) return Leave(pending, known.left, plan, report);
  known.sleeper_start_time = 0;
  const bool nothing_to_undo = change.set.Empty() && known.lacks.Contains(change.clear) && !known.requested;
  ThreadStatus status;
  const int error = ReadThreadStatus(pending.tid, &status);
  if (error < 0 && nothing_to_undo) return Step::kFinished;
  if (error < 0) return LookFailed(pending, error, plan, report);
  // It may be inside a catcher that came to it through what it lacks, and which blocks everything.
  if (nothing_to_undo && !status.blocked.Contains(change.clear)) return Step::kFinished;
  known.steady.LearnAsleep(pending.tid, status, ManagedIn(pending.tid, plan), signo_);
  if (!status.blocked.Has(signo_)) {
    const Waits waits = status.state == 'S' ? WaitsForSignal(pending.tid, signo_) : Waits::kUnknown;
    if (waits == Waits::kYes) return Leave(pending, status, plan, report);
    const bool is_open = waits == Waits::kNo || RunsOpen(pending, status);
    return is_open ? Ask(pending, plan) : Step::kWaiting;
  }
  if (known.requested) return Ask(pending, plan);
  // It has not run since it was left, or it is no matter whether it has.
  const bool unmoved = status.state == 'S' && status.context_switches == known.left.context_switches;
  const bool left_before = !known.lacks.Empty() && (nothing_to_undo ? unmoved : reach_ == Reach::kCaught);
  const bool parked = left_before || IsParked(pending, status, plan);
  if (parked && SleepsForGood(pending.tid)) {
    known.sleeper_start_time = ThreadStartTime(pending.tid);
    return Leave(pending, status, plan, report);
  }
  const bool is_certain = reach_ != Reach::kCaught && !nothing_to_undo;
  if (!parked && (is_certain || patience_.spent() < kPatienceForBlocked)) return Step::kWaiting;
  if (nothing_to_undo) return Step::kFinished;
  const Step left = Leave(pending, status, plan, report);
  if (reach_ != Reach::kCaught && status.blocked.Contains(change.set)) LeaveRequest(pending, plan);
  return left;
}

MaskBroadcast::Step MaskBroadcast::LookFailed(Pending& pending, int error, MaskPlan& plan, MaskReport& report) {
  if (error == -ENOENT || error == -ESRCH) {
    if (ThreadIsGone(pending.tid)) return Step::kFinished;
    // /proc itself has gone.
    return Ask(pending, plan);
  }
  // Out of descriptors. A release must reach threads born since; a block can still be taken back, and says why.
  if (ChangeFor(pending, plan).set.Empty()) return Ask(pending, plan);
  report.error = error;
  return Step::kFinished;
}

bool MaskBroadcast::SleepsAsKnown(pid_t tid, const Known& known) const {
  if (known.sleeper_start_time == 0) return false;
  const uint64_t start_time = ThreadStartTime(tid);
  // Not to be had without descriptors.
  return start_time == 0 ? !ThreadIsGone(tid) : start_time == known.sleeper_start_time;
}

// One that does not sleep may be on its way out of sigtimedwait, where it waits for a processor. It is open if it has
// run since, and neither slept nor blocked our signal.
bool MaskBroadcast::RunsOpen(Pending& pending, const ThreadStatus& status) {
  const uint64_t run_time = ThreadRunTime(pending.tid);
  const bool slept = status.state == 'S' || status.voluntary_switches != pending.voluntary_switches;
  const bool has_run = run_time == 0 || run_time != pending.run_time;
  pending.run_time = run_time;
  pending.voluntary_switches = status.voluntary_switches;
  if (slept) pending.looks = 0;
  if (!slept && has_run) ++pending.looks;
  return pending.looks >= kLooksUntilOpen;
}

// One that blocks our signal for a moment (a thread being born, one that forks) must be waited for, as it is about to
// put its old mask back.
bool MaskBroadcast::IsParked(Pending& pending, const ThreadStatus& status, MaskPlan& plan) {
  if (plan.BlocksOnlyBriefly(pending.tid)) return false;
  const bool unmoved = status.state == 'S' && status.context_switches == pending.switches;
  pending.unmoved = unmoved ? pending.unmoved + 1 : 0;
  pending.switches = status.context_switches;
  return pending.unmoved >= kLooksUntilParked;
}

MaskBroadcast::Step MaskBroadcast::LookWhySilent(Pending& pending, MaskPlan& plan, MaskReport& report) {
  if (report.incomplete) return ThreadIsGone(pending.tid) ? Step::kFinished : Step::kWaiting;
  ThreadStatus status;
  const int error = ReadThreadStatus(pending.tid, &status);
  if (error == -ENOENT || error == -ESRCH) {
    if (!ThreadIsGone(pending.tid)) return Step::kWaiting;
    ReleaseEdit(pending.edit);
    return Step::kFinished;
  }
  if (error < 0 || EditDone(pending.edit)) return Step::kWaiting;
  ++pending.looks;
  // Whoever runs our handler blocks everything.
  const bool may_be_in_handler = status.state != 'S' && (status.blocked.Has(signo_) || IsHeldUp(status));
  if (status.pending.Has(signo_) || may_be_in_handler) {
    pending.missed = false;
    // It sleeps with our signal blocked, is stopped, or in vfork(2) and its like: it follows when it goes on.
    const bool held_up = status.blocked.Has(signo_) || IsHeldUp(status);
    const bool waited_before = known_[pending.tid].requested;
    const bool gives_up = (reach_ == Reach::kCaught || waited_before) && held_up && pending.looks > kLooksUntilParked;
    return gives_up ? Leave(pending, status, plan, report) : Step::kWaiting;
  }
  // Our signal is not there any more: somebody has taken it, or has flushed it by ignoring it. If it is so
  // twice: the state and the signals of one look are not of one moment.
  if (!std::exchange(pending.missed, true) || !RecallEdit(pending.edit)) return Step::kWaiting;
  pending.missed = false;
  pending.edit = nullptr;
  const bool takes_it = pending.asks > kMaxAsksInVain || WaitsForSignal(pending.tid, signo_) == Waits::kYes;
  known_[pending.tid].answers = false;
  pending.look = true;
  return takes_it ? Leave(pending, status, plan, report) : Step::kWaiting;
}

}  // namespace sigkit
