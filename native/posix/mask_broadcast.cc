#include "posix/mask_broadcast.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "posix/futex.h"
#include "posix/quiet_thread.h"
#include "posix/syscalls.h"

namespace sigkit {
namespace {

constexpr Time kMillisecond = 1'000'000;
constexpr Time kLookInterval = kMillisecond / 2;
// How long a run waits for threads that do not answer: a second for a change and the one that takes it back. Who
// answers later still does as it was told last.
constexpr Time kPatience = 900 * kMillisecond;
constexpr Time kPatienceTakingBack = 100 * kMillisecond;
// For threads that block our signal, where a catcher stands behind: long enough to be born in.
constexpr Time kPatienceForBlocked = 50 * kMillisecond;
// A thread that has not run for this many looks, with our signal blocked, is asleep so.
constexpr int kLooksUntilParked = 4;
constexpr int kLooksUntilOpen = 3;
constexpr int kAsksAtOnce = 16;
// A thread that gets a handler's signal a thousand times a second is met outside its handlers before that. It is a
// count of answers, not a time: on a busy machine the thread may hardly run.
constexpr int kMaxAsks = 120;
constexpr int kMaxAsksInVain = 3;

// Standard signals: unlike a real-time one, tgkill of these never fails with EAGAIN while the user's signal queue
// (RLIMIT_SIGPENDING) is full, which is just when a storm rages. They can be claimed by nobody, as they mean a fault of
// one thread, so users lose no number to us. First the one with the fewest users.
constexpr std::array<int, 5> kCandidates = {SIGFPE, SIGILL, SIGSYS, SIGBUS, SIGTRAP};
constexpr SignalSet kCandidateSet = SignalSet::Of(SIGFPE) | SignalSet::Of(SIGILL) | SignalSet::Of(SIGSYS) |
                                    SignalSet::Of(SIGBUS) | SignalSet::Of(SIGTRAP);

bool Gone(pid_t tid) { return SendToThread(tid, 0) == -ESRCH; }

bool IsHeldUp(const ThreadStatus& status) { return status.state == 'T' || status.state == 't' || status.state == 'D'; }

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

int MaskBroadcast::signo() {
  if (signo_ == 0) ChooseSignal();
  return signo_;
}

SignalSet MaskBroadcast::Blockable(SignalSet set) {
  // Most sets have none of them, and then the look at their actions can be spared.
  if ((set & kCandidateSet).Empty()) return set;
  ChooseSignal();
  return set & ~SignalSet::Of(signo_);
}

SignalSet MaskBroadcast::Lacked() const {
  SignalSet lacked;
  for (const auto& [tid, known] : known_) {
    if (known.sleeper_start_time == 0) lacked |= known.lacks;
  }
  return lacked;
}

SignalSet MaskBroadcast::Reached(pid_t tid, SignalSet unmet) {
  const auto known = known_.find(tid);
  return known == known_.end() ? unmet : std::exchange(known->second.lacks, SignalSet());
}

void MaskBroadcast::TakeLateAnswers(MaskPlan& plan) {
  ForEachEdit([&](MaskEdit* edit) {
    if (EditDone(edit)) LateAnswer(edit, plan);
  });
}

void MaskBroadcast::LateAnswer(MaskEdit* edit, MaskPlan& plan) {
  const pid_t tid = edit->tid;
  Known& known = known_[tid];
  // The return of the handler has undone it.
  if (known.steady.IsInHandler(SignalSet(edit->before), ManagedIn(tid, plan))) return RejectAnswer(edit);
  const SignalSet before = EditBefore(edit);
  ReleaseEdit(edit);
  known.answers = true;
  known.requested = false;
  plan.Applied(tid, before, Reached(tid, SignalSet()), false);
}

int MaskBroadcast::FollowHere(MaskPlan& plan) {
  const pid_t self = ThreadId();
  int error = 0;
  ForEachEdit([&](MaskEdit* edit) {
    Untold untold;
    if (edit->tid != self || !TakeEdit(edit, &untold)) return;
    SignalSet before;
    error = ReadMask(&before);
    if (error == 0) error = ChangeMask(MaskHow::kSet, (before & ~untold.clear) | untold.set, nullptr);
    plan.Applied(self, before & ~(untold.clear | untold.kept), Reached(self, SignalSet()), false);
  });
  return error;
}

MaskReport MaskBroadcast::Run(MaskPlan& plan, pid_t excluded, Reach reach) {
  MaskReport report;
  ++run_;
  reach_ = reach;
  passes_ = 0;
  silent_ = false;
  ChooseSignal();
  report.error = InstallEditHandler(signo_);
  if (report.error < 0) return report;
  patience_ = Patience(reach == Reach::kTakingBack ? kPatienceTakingBack : kPatience);
  pending_.clear();
  // Threads that come and go without a pause are met again and again: those of the second pass on were born of threads
  // that had been changed.
  while (TakeNewThreads(plan, excluded, report) > 0 && !patience_.IsSpent()) WorkOnAll(plan, report);
  for (const Pending& pending : pending_) GiveUp(pending, plan, report);
  ForgetDeadThreads();
  if (!AnyEditUnanswered()) RestoreEditHandler(signo_);
  return report;
}

// Until all have answered, or nobody is to be waited for any longer.
void MaskBroadcast::WorkOnAll(MaskPlan& plan, MaskReport& report) {
  while (!pending_.empty()) {
    const uint32_t answers = __atomic_load_n(EditAnswers(), __ATOMIC_ACQUIRE);
    std::erase_if(pending_, [&](Pending& pending) { return WorkOn(pending, plan, report) == Step::kFinished; });
    if (pending_.empty() || patience_.IsSpent()) return;
    FutexWait(EditAnswers(), answers, kLookInterval);
    silent_ = answers == __atomic_load_n(EditAnswers(), __ATOMIC_ACQUIRE);
  }
}

// Threads that this run has not met yet join pending_. Returns how many.
int MaskBroadcast::TakeNewThreads(MaskPlan& plan, pid_t excluded, MaskReport& report) {
  int listed = report.incomplete ? -EXDEV : lister_.Open();
  if (listed == 0) listed = lister_.List(&threads_);
  if (listed < 0) {
    // Out of descriptors or memory: what is to be given back is given back to those who are known.
    const bool resources = listed == -EMFILE || listed == -ENFILE || listed == -ENOMEM;
    if (resources || reach_ == Reach::kCertain) report.error = listed;
    report.incomplete = true;
    if (resources && !plan.For(ThreadId(), SignalSet()).set.Empty()) return 0;
    threads_ = plan.KnownThreads();
    for (const auto& [tid, known] : known_) threads_.push_back(tid);
  }
  const pid_t self = ThreadId();
  int fresh = 0;
  for (const pid_t tid : threads_) {
    if (tid == self || tid == excluded || IsQuietThread(tid)) continue;
    Known& known = known_[tid];
    if (known.seen_in == run_) continue;
    known.seen_in = run_;
    // Without /proc, all that is known of one that was left is that.
    const bool look = !known.answers && (!report.incomplete || known.left.state != '?');
    pending_.push_back(Pending{.tid = tid, .born = passes_ > 0, .look = look});
    ++fresh;
  }
  ++passes_;
  return fresh;
}

MaskBroadcast::Step MaskBroadcast::WorkOn(Pending& pending, MaskPlan& plan, MaskReport& report) {
  return pending.edit == nullptr ? Approach(pending, plan, report) : Collect(pending, plan, report);
}

MaskBroadcast::Step MaskBroadcast::Approach(Pending& pending, MaskPlan& plan, MaskReport& report) {
  Known& known = known_.find(pending.tid)->second;
  if (!pending.look) {
    ThreadStatus status;
    const bool may_be_steady = pending.asks > 0 && patience_.spent() >= kPatienceForBlocked && !report.incomplete;
    if (may_be_steady && ReadThreadStatus(pending.tid, &status) == 0)
      known.steady.LearnAsleep(pending.tid, status, ManagedIn(pending.tid, plan), signo_);
    return Ask(pending, plan);
  }
  if (report.incomplete || SleepsAsKnown(pending.tid, known)) return Leave(pending, known.left, plan, report);
  known.sleeper_start_time = 0;
  const MaskChange change = ChangeFor(pending, plan);
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
    if (Gone(pending.tid)) return Step::kFinished;
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
  return start_time == 0 ? !Gone(tid) : start_time == known.sleeper_start_time;
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

// Who blocks the wanted signals with ours may open them at any moment; nothing is concluded from that but that it was
// not changed now.
MaskBroadcast::Step MaskBroadcast::Leave(const Pending& pending, const ThreadStatus& status, MaskPlan& plan,
                                         MaskReport& report) {
  Known& known = known_[pending.tid];
  const MaskChange change = ChangeFor(pending, plan);
  const bool is_blocked = status.blocked.Contains(change.set);
  known.left = status;
  if (is_blocked) {
    ++report.already_blocked;
  } else {
    report.unreachable.push_back(pending.tid);
  }
  known.answers = false;
  known.requested |= pending.edit != nullptr;
  // One that was born meanwhile has inherited it.
  if (!pending.born || !is_blocked) known.lacks |= change.set;
  return Step::kFinished;
}

// It follows when it opens our signal: before any other signal, as one that is directed at it.
void MaskBroadcast::LeaveRequest(Pending pending, MaskPlan& plan) {
  Ask(pending, plan);
  known_[pending.tid].requested |= pending.edit != nullptr;
}

MaskBroadcast::Step MaskBroadcast::Ask(Pending& pending, MaskPlan& plan) {
  MaskEdit* edit = AcquireEdit(pending.tid);
  if (edit == nullptr) return Step::kWaiting;
  if (edit->tid == pending.tid && EditDone(edit)) LateAnswer(edit, plan);
  const MaskChange change = ChangeFor(pending, plan);
  const Asked asked = AskEdit(edit, pending.tid, change.clear, change.set);
  if (asked == Asked::kBusy) return Step::kWaiting;
  if (asked == Asked::kSignalNow && SendToThread(pending.tid, signo_) == -ESRCH) {
    ReleaseEdit(edit);
    return Step::kFinished;
  }
  pending.edit = edit;
  pending.looks = 0;
  ++pending.asks;
  return Step::kWaiting;
}

MaskBroadcast::Step MaskBroadcast::Collect(Pending& pending, MaskPlan& plan, MaskReport& report) {
  if (!EditDone(pending.edit)) return silent_ ? LookWhySilent(pending, plan, report) : Step::kWaiting;
  MaskEdit* edit = std::exchange(pending.edit, nullptr);
  const SignalSet mask(edit->before);
  // What a handler blocks, or an edit before this one has set, is not its own.
  pending.before = pending.asks == 1 ? EditBefore(edit) : pending.before & EditBefore(edit);
  Known& known = known_[pending.tid];
  const SignalSet managed = ManagedIn(pending.tid, plan);
  known.steady.LearnAwake(mask, managed);
  if (known.steady.IsInHandler(mask, managed) && pending.asks < kMaxAsks) {
    // Its return undoes the edit: asked again, at once for as long as most handlers take.
    RejectAnswer(edit);
    return pending.asks < kAsksAtOnce ? Ask(pending, plan) : Step::kWaiting;
  }
  ReleaseEdit(edit);
  known.answers = true;
  known.requested = false;
  plan.Applied(pending.tid, pending.before, Reached(pending.tid, SignalSet()), pending.born);
  ++report.updated;
  return Step::kFinished;
}

MaskBroadcast::Step MaskBroadcast::LookWhySilent(Pending& pending, MaskPlan& plan, MaskReport& report) {
  if (report.incomplete) return Gone(pending.tid) ? Step::kFinished : Step::kWaiting;
  ThreadStatus status;
  const int error = ReadThreadStatus(pending.tid, &status);
  if (error == -ENOENT || error == -ESRCH) {
    if (!Gone(pending.tid)) return Step::kWaiting;
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

void MaskBroadcast::GiveUp(const Pending& pending, MaskPlan& plan, MaskReport& report) {
  ThreadStatus status;
  if (!report.incomplete) {
    const int error = ReadThreadStatus(pending.tid, &status);
    if ((error == -ENOENT || error == -ESRCH) && Gone(pending.tid)) return;
  }
  Leave(pending, status, plan, report);
  // A request that is not answered stays.
  const bool is_blocked = status.blocked.Contains(ChangeFor(pending, plan).set);
  if (pending.edit == nullptr && reach_ != Reach::kCaught && is_blocked) LeaveRequest(pending, plan);
}

bool MaskBroadcast::Recall() {
  std::vector<MaskEdit*> needless;
  bool is_needed = false;
  ForEachEdit([&](MaskEdit* edit) {
    if (!EditUnanswered(edit)) return;
    ThreadStatus status;
    if (Gone(edit->tid)) {
      ReleaseEdit(edit);
    } else if (ReadThreadStatus(edit->tid, &status) == 0 && status.pending.Has(signo_)) {
      needless.push_back(edit);
      // One that is to open what it was made to block must learn of it.
      is_needed |= !known_[edit->tid].lacks.Contains(SignalSet(edit->clear));
    }
  });
  // All are flushed, or none.
  const bool recalled = !is_needed && !needless.empty() && RecallEditSignals(signo_) == 0;
  if (recalled) {
    for (MaskEdit* edit : needless) {
      known_[edit->tid].requested = false;
      if (RecallEdit(edit)) ForgetEdit(edit);
    }
  }
  if (!AnyEditUnanswered()) RestoreEditHandler(signo_);
  return recalled;
}

std::vector<pid_t> MaskBroadcast::NewThreads() {
  std::vector<pid_t> found;
  if (lister_.Open() == 0 && lister_.List(&found) == 0) {
    std::erase_if(found, [&](pid_t tid) { return known_.contains(tid) || tid == ThreadId(); });
    return found;
  }
  return {};
}

std::vector<pid_t> MaskBroadcast::KnownThreads() const {
  std::vector<pid_t> found = {ThreadId()};
  for (const auto& [tid, known] : known_) found.push_back(tid);
  return found;
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
