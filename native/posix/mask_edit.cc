#include "posix/mask_edit.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <new>

#include "posix/context_mask.h"
#include "posix/futex.h"
#include "posix/handler_stack.h"

namespace sigkit {
namespace {

// A handler is in its few instructions for less than that, unless its thread has been stopped there.
constexpr int kSpins = 100'000;

MaskEditBlock first_block;
uint32_t answers = 0;

void OnEditSignal(int level, int signo, siginfo_t* info, void* context);

HandlerStack stack = HandlerStack::Of<OnEditSignal>();

__attribute__((no_sanitize("thread", "address", "undefined"))) uint32_t LoadState(const MaskEdit* edit) {
  return __atomic_load_n(&edit->state, __ATOMIC_ACQUIRE);
}

void StoreState(MaskEdit* edit, uint32_t state) { __atomic_store_n(&edit->state, state, __ATOMIC_RELEASE); }

// Async-signal-safe from here to OnEditSignal's end.

// The request to this thread, in kEditing, or in kRecalled: then it was that no longer.
__attribute__((no_sanitize("thread", "address", "undefined"))) MaskEdit* ClaimEditOf(pid_t tid) {
  for (MaskEditBlock* block = &first_block; block != nullptr; block = __atomic_load_n(&block->next, __ATOMIC_ACQUIRE)) {
    for (MaskEdit& edit : block->edits) {
      if (__atomic_load_n(&edit.tid, __ATOMIC_ACQUIRE) != tid) continue;
      uint32_t expected = kAsked;
      while (
          !__atomic_compare_exchange_n(&edit.state, &expected, kEditing, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        if (expected == kRecalled) return &edit;
        if (expected != kAmending) return nullptr;
        expected = kAsked;
      }
      return &edit;
    }
  }
  return nullptr;
}

// A fault or a signal that is somebody else's: it gets what it would have got without us.
__attribute__((no_sanitize("thread", "address", "undefined"))) void HandOver(int level, int signo, siginfo_t* info,
                                                                             void* context) {
  KernelSigaction& below = stack.Displaced(level, signo);
  if (IsIgnore(below)) return;
  if (!IsDefault(below)) return RunDisplaced(below, signo, info, context);
  ChangeAction(signo, DefaultAction(), nullptr);
  // A true fault (si_code > 0) happens again on return; a sent signal has to be sent again.
  if (info->si_code <= 0) SendToThread(ThreadId(), signo);
}

// Sent by tgkill of this process. A full signal queue loses who has sent it (SI_USER of nobody).
__attribute__((no_sanitize("thread", "address", "undefined"))) bool MayBeOurs(const siginfo_t* info) {
  return info->si_code == SI_TKILL ? info->si_pid == getpid() : info->si_code == SI_USER && info->si_pid == 0;
}

__attribute__((no_sanitize("thread", "address", "undefined"))) void OnEditSignal(int level, int signo, siginfo_t* info,
                                                                                 void* context) {
  const int saved_errno = errno;
  MaskEdit* edit = MayBeOurs(info) ? ClaimEditOf(ThreadId()) : nullptr;
  if (edit == nullptr) {
    HandOver(level, signo, info, context);
    errno = saved_errno;
    return;
  }
  uint32_t recalled = kRecalled;
  if (__atomic_compare_exchange_n(&edit->state, &recalled, kFree, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) return;
  const SignalSet before = ContextMask(context);
  edit->before = before.bits();
  SetContextMask(context, (before & ~SignalSet(edit->clear)) | SignalSet(edit->set));
  __atomic_store_n(&edit->state, kDone, __ATOMIC_RELEASE);
  __atomic_fetch_add(&answers, 1, __ATOMIC_ACQ_REL);
  FutexWake(&answers);
  errno = saved_errno;
}

}  // namespace

MaskEditBlock& FirstEditBlock() { return first_block; }

MaskEdit* AcquireEdit(pid_t tid) {
  MaskEdit* free_edit = nullptr;
  MaskEditBlock* last = nullptr;
  for (MaskEditBlock* block = &first_block; block != nullptr; block = block->next) {
    last = block;
    for (MaskEdit& edit : block->edits) {
      if (edit.tid == tid) return &edit;
      if (edit.tid == 0 && free_edit == nullptr) free_edit = &edit;
    }
  }
  if (free_edit != nullptr) return free_edit;
  auto* block = new (std::nothrow) MaskEditBlock;
  if (block == nullptr) return nullptr;
  __atomic_store_n(&last->next, block, __ATOMIC_RELEASE);
  return &block->edits[0];
}

Asked AskEdit(MaskEdit* edit, pid_t tid, SignalSet clear, SignalSet set) {
  uint32_t expected = kAsked;
  const bool unanswered =
      __atomic_compare_exchange_n(&edit->state, &expected, kAmending, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
  for (int spins = 0; expected == kEditing; expected = LoadState(edit)) {
    if (++spins > kSpins) return Asked::kBusy;
  }
  if (expected == kDone) return Asked::kBusy;
  // The later wish wins, signal by signal.
  edit->kept |= (SignalSet(edit->clear) & set).bits();
  edit->clear = (clear | (SignalSet(edit->clear) & ~set)).bits();
  edit->set = (set | (SignalSet(edit->set) & ~clear)).bits();
  StoreState(edit, kAsked);
  __atomic_store_n(&edit->tid, tid, __ATOMIC_RELEASE);
  return unanswered ? Asked::kSignalIsUnderWay : Asked::kSignalNow;
}

bool EditDone(const MaskEdit* edit) { return LoadState(edit) == kDone; }

SignalSet EditBefore(const MaskEdit* edit) {
  return SignalSet(edit->before & edit->seen & ~(edit->clear | edit->kept));
}

bool EditUnanswered(const MaskEdit* edit) {
  const uint32_t state = LoadState(edit);
  return state == kAsked || state == kAmending || state == kEditing;
}

bool RecallEdit(MaskEdit* edit) {
  uint32_t expected = kAsked;
  return __atomic_compare_exchange_n(&edit->state, &expected, kRecalled, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

void ForgetEdit(MaskEdit* edit) {
  edit->clear = edit->set = edit->kept = 0;
  edit->seen = ~uint64_t{0};
}

TakenEdit TakeEdit(MaskEdit* edit) {
  uint32_t state = kAsked;
  const bool is_asked =
      __atomic_compare_exchange_n(&edit->state, &state, kAmending, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
  const bool is_done = !is_asked && state == kDone;
  if (!is_done) edit->before = ~uint64_t{0};
  const TakenEdit taken = {SignalSet(edit->clear), SignalSet(edit->set), EditBefore(edit)};
  ForgetEdit(edit);
  if (is_asked) StoreState(edit, kAsked);
  if (is_done) ReleaseEdit(edit);
  return taken;
}

void ReleaseEdit(MaskEdit* edit) {
  __atomic_store_n(&edit->tid, 0, __ATOMIC_RELEASE);
  ForgetEdit(edit);
  StoreState(edit, kFree);
}

void RejectAnswer(MaskEdit* edit) {
  edit->seen &= edit->before;
  StoreState(edit, kFree);
}

void ReleaseEditOf(pid_t tid) {
  ForEachEdit([&](MaskEdit* edit) {
    if (edit->tid == tid) ReleaseEdit(edit);
  });
}

bool AnyEditUnanswered() {
  bool any = false;
  ForEachEdit([&](MaskEdit* edit) { any |= EditUnanswered(edit); });
  return any;
}

const uint32_t* EditAnswers() { return &answers; }

bool IsEditHandler(const KernelSigaction& action) { return stack.Is(action); }

int InstallEditHandler(int signo) { return stack.Install(signo, SA_ONSTACK | SA_RESTART, 0); }

int RestoreEditHandler(int signo) { return stack.Remove(signo); }

int RecallEditSignals(int signo) {
  KernelSigaction current;
  const int read = ReadAction(signo, &current);
  if (read < 0) return read;
  if (!stack.Is(current) || !IsDefault(stack.Below(current, signo))) return -EBUSY;
  const int ignored = ChangeAction(signo, IgnoreAction(), nullptr);
  return ignored < 0 ? ignored : ChangeAction(signo, current, nullptr);
}

}  // namespace sigkit
