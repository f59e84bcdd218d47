#include "posix/mask_broadcast.h"

#include <array>
#include <cerrno>
#include <utility>

#include "posix/futex.h"
#include "posix/quiet_thread.h"
#include "posix/syscalls.h"

namespace sigkit {
namespace {

constexpr Time kLookInterval = kMillisecond / 2;
// How long a run waits for threads that do not answer: a second for a change and the one that takes it back. Who
// answers later still does as it was told last.
constexpr Time kPatience = 900 * kMillisecond;
constexpr Time kPatienceTakingBack = 100 * kMillisecond;
constexpr int kAsksAtOnce = 16;
// A thread that gets a handler's signal a thousand times a second is met outside its handlers before that. It is a
// count of answers, not a time: on a busy machine the thread may hardly run.
constexpr int kMaxAsks = 120;

// Standard signals: unlike a real-time one, tgkill of these never fails with EAGAIN while the user's signal queue
// (RLIMIT_SIGPENDING) is full, which is just when a storm rages. They can be claimed by nobody, as they mean a fault of
// one thread, so users lose no number to us. First the one with the fewest users.
constexpr std::array<int, 5> kCandidates = {SIGFPE, SIGILL, SIGSYS, SIGBUS, SIGTRAP};
constexpr SignalSet kCandidateSet = SignalSet::Of(SIGFPE) | SignalSet::Of(SIGILL) | SignalSet::Of(SIGSYS) |
                                    SignalSet::Of(SIGBUS) | SignalSet::Of(SIGTRAP);

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
  const SignalSet before = EditBefore(edit);
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
  plan.Applied(pending.tid, before, Reached(pending.tid, SignalSet()), pending.born);
  ++report.updated;
  return Step::kFinished;
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
  if (!pending.born || !is_blocked) known.lacks |= change.set & ~change.has;
  return Step::kFinished;
}

// It follows when it opens our signal: before any other signal, as one that is directed at it.
void MaskBroadcast::LeaveRequest(Pending pending, MaskPlan& plan) {
  Ask(pending, plan);
  known_[pending.tid].requested |= pending.edit != nullptr;
}

void MaskBroadcast::GiveUp(const Pending& pending, MaskPlan& plan, MaskReport& report) {
  ThreadStatus status;
  if (!report.incomplete) {
    const int error = ReadThreadStatus(pending.tid, &status);
    if ((error == -ENOENT || error == -ESRCH) && ThreadIsGone(pending.tid)) return;
  }
  Leave(pending, status, plan, report);
  // A request that is not answered stays.
  const bool is_blocked = status.blocked.Contains(ChangeFor(pending, plan).set);
  if (pending.edit == nullptr && reach_ != Reach::kCaught && is_blocked) LeaveRequest(pending, plan);
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
    if (known.seen_in == run_ || !ThreadIsGone(tid)) return false;
    ReleaseEditOf(tid);
    return true;
  });
}

}  // namespace sigkit
