// Requests that outlive the run of the broadcast that made them.
#include "posix/mask_broadcast.h"
#include "posix/syscalls.h"

namespace sigkit {

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
    if (edit->tid != self) return;
    const TakenEdit taken = TakeEdit(edit);
    SignalSet before;
    error = ReadMask(&before);
    if (error == 0) error = ChangeMask(MaskHow::kSet, (before & ~taken.clear) | taken.set, nullptr);
    plan.Applied(self, before & taken.not_ours, Reached(self, SignalSet()), false);
  });
  return error;
}

bool MaskBroadcast::Recall() {
  std::vector<MaskEdit*> needless;
  bool is_needed = false;
  ForEachEdit([&](MaskEdit* edit) {
    if (!EditUnanswered(edit)) return;
    ThreadStatus status;
    if (ThreadIsGone(edit->tid)) {
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

}  // namespace sigkit
