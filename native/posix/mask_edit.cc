#include "posix/mask_edit.h"

#include <signal.h>
#include <ucontext.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>

#include "posix/futex.h"
#include "posix/syscalls.h"

namespace sigkit {
namespace {

MaskEditBlock first_block;
uint32_t answers = 0;
KernelSigaction previous_action;

__attribute__((no_sanitize("thread", "address", "undefined"))) uint32_t LoadState(const MaskEdit* edit) {
  return __atomic_load_n(&edit->state, __ATOMIC_ACQUIRE);
}

void StoreState(MaskEdit* edit, uint32_t state) { __atomic_store_n(&edit->state, state, __ATOMIC_RELEASE); }

// Async-signal-safe from here to InstallEditHandler's end.

__attribute__((no_sanitize("thread", "address", "undefined"))) MaskEdit* ClaimEditOf(pid_t tid) {
  for (MaskEditBlock* block = &first_block; block != nullptr; block = __atomic_load_n(&block->next, __ATOMIC_ACQUIRE)) {
    for (MaskEdit& edit : block->edits) {
      if (__atomic_load_n(&edit.tid, __ATOMIC_ACQUIRE) != tid) continue;
      uint32_t expected = kAsked;
      while (
          !__atomic_compare_exchange_n(&edit.state, &expected, kEditing, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        if (expected != kAmending) return nullptr;
        expected = kAsked;
      }
      return &edit;
    }
  }
  return nullptr;
}

// A fault or a signal that is somebody else's: it gets what it would have got without us.
__attribute__((no_sanitize("thread", "address", "undefined"))) void HandOver(int signo, siginfo_t* info,
                                                                             void* context) {
  const KernelSigaction& action = previous_action;
  if (IsIgnore(action)) return;
  if (!IsDefault(action)) return RunHandler(action, signo, info, context);
  ChangeAction(signo, DefaultAction(), nullptr);
  // A true fault (si_code > 0) happens again on return; a sent signal has to be sent again.
  if (info->si_code <= 0) SendToThread(ThreadId(), signo);
}

__attribute__((no_sanitize("thread", "address", "undefined"))) void OnEditSignal(int signo, siginfo_t* info,
                                                                                 void* context) {
  const int saved_errno = errno;
  MaskEdit* edit = ClaimEditOf(ThreadId());
  if (edit == nullptr) {
    HandOver(signo, info, context);
    errno = saved_errno;
    return;
  }
  // What stands in uc_sigmask when the handler returns becomes the thread's mask (sigreturn(2)); the kernel uses its
  // first 64 bits.
  uint64_t mask = 0;
  sigset_t* saved_mask = &static_cast<ucontext_t*>(context)->uc_sigmask;
  __builtin_memcpy(&mask, saved_mask, sizeof(mask));
  edit->before = mask;
  mask = (mask & ~edit->clear) | edit->set;
  __builtin_memcpy(saved_mask, &mask, sizeof(mask));
  __atomic_store_n(&edit->state, kDone, __ATOMIC_RELEASE);
  __atomic_fetch_add(&answers, 1, __ATOMIC_ACQ_REL);
  FutexWake(&answers);
  errno = saved_errno;
}

}  // namespace

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

void AskEdit(MaskEdit* edit, pid_t tid, SignalSet clear, SignalSet set) {
  uint32_t expected = kAsked;
  if (__atomic_compare_exchange_n(&edit->state, &expected, kAmending, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    // Still unanswered from an earlier broadcast: the later wish wins, signal by signal.
    clear |= SignalSet(edit->clear) & ~set;
    set |= SignalSet(edit->set) & ~clear;
  }
  while (expected == kEditing) expected = LoadState(edit);
  edit->clear = clear.bits();
  edit->set = set.bits();
  StoreState(edit, kAsked);
  __atomic_store_n(&edit->tid, tid, __ATOMIC_RELEASE);
}

bool EditDone(const MaskEdit* edit) { return LoadState(edit) == kDone; }

void ReleaseEdit(MaskEdit* edit) {
  __atomic_store_n(&edit->tid, 0, __ATOMIC_RELEASE);
  StoreState(edit, kFree);
}

void ReleaseEditOf(pid_t tid) {
  for (MaskEditBlock* block = &first_block; block != nullptr; block = block->next) {
    for (MaskEdit& edit : block->edits) {
      if (edit.tid == tid) ReleaseEdit(&edit);
    }
  }
}

bool AnyEditUnanswered() {
  for (const MaskEditBlock* block = &first_block; block != nullptr; block = block->next) {
    for (const MaskEdit& edit : block->edits) {
      const uint32_t state = LoadState(&edit);
      if (edit.tid != 0 && state != kDone) return true;
    }
  }
  return false;
}

const uint32_t* EditAnswers() { return &answers; }

bool IsEditHandler(const KernelSigaction& action) { return action.handler == reinterpret_cast<void*>(OnEditSignal); }

int InstallEditHandler(int signo) {
  KernelSigaction current;
  const int read = ReadAction(signo, &current);
  if (read < 0 || IsEditHandler(current)) return read;
  previous_action = current;
  return ChangeAction(signo, HandlerAction(OnEditSignal, SA_ONSTACK | SA_RESTART, SignalSet::All()), nullptr);
}

int RestoreEditHandler(int signo) {
  KernelSigaction current;
  const int read = ReadAction(signo, &current);
  if (read < 0 || !IsEditHandler(current)) return read;
  return ChangeAction(signo, previous_action, nullptr);
}

}  // namespace sigkit
