#include "posix/child_tap.h"

#include <cerrno>
#include <cstring>

#include "posix/syscalls.h"

namespace sigkit {
namespace {

// Plain numbers, as the compiler's atomics want them.
enum NoteState : uint32_t { kFree, kWriting, kReady };

struct Note {
  uint32_t state = kFree;
  uint32_t order = 0;
  siginfo_t info = {};
};

constexpr int kNotes = 256;
Note notes[kNotes];
uint32_t next_order = 0;
uint32_t unnoted = 0;
void (*ring_waiter)() = nullptr;
KernelSigaction previous_action;

// Async-signal-safe from here to OnChild's end.

__attribute__((no_sanitize("thread", "address", "undefined"))) void Remember(const siginfo_t* info) {
  for (Note& note : notes) {
    uint32_t expected = kFree;
    if (!__atomic_compare_exchange_n(&note.state, &expected, kWriting, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
      continue;
    __builtin_memcpy(&note.info, info, sizeof(note.info));
    note.order = __atomic_fetch_add(&next_order, 1, __ATOMIC_ACQ_REL);
    __atomic_store_n(&note.state, kReady, __ATOMIC_RELEASE);
    return;
  }
  __atomic_fetch_add(&unnoted, 1, __ATOMIC_ACQ_REL);
}

__attribute__((no_sanitize("thread", "address", "undefined"))) void OnChild(int signo, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  Remember(info);
  ring_waiter();
  errno = saved_errno;
  const KernelSigaction& action = previous_action;
  if (!IsDefault(action) && !IsIgnore(action)) RunHandler(action, signo, info, context);
}

bool IsTap(const KernelSigaction& action) { return action.handler == reinterpret_cast<void*>(OnChild); }

}  // namespace

int InstallChildTap(void (*ring)()) {
  KernelSigaction current;
  const int read = ReadAction(SIGCHLD, &current);
  if (read < 0 || IsTap(current)) return read;
  previous_action = current;
  ring_waiter = ring;
  const unsigned long kept = current.flags & (SA_RESTART | SA_ONSTACK | SA_NOCLDSTOP | SA_NOCLDWAIT | SA_NODEFER);
  return ChangeAction(SIGCHLD, HandlerAction(OnChild, kept | SA_RESTART, SignalSet(current.mask)), nullptr);
}

int RemoveChildTap() {
  KernelSigaction current;
  const int read = ReadAction(SIGCHLD, &current);
  if (read < 0 || !IsTap(current)) return read;
  return ChangeAction(SIGCHLD, previous_action, nullptr);
}

bool TakeChildSignal(siginfo_t* info, uint32_t* count) {
  Note* oldest = nullptr;
  for (Note& note : notes) {
    if (__atomic_load_n(&note.state, __ATOMIC_ACQUIRE) != kReady) continue;
    if (oldest == nullptr || static_cast<int32_t>(note.order - oldest->order) < 0) oldest = &note;
  }
  if (oldest == nullptr) return false;
  memcpy(info, &oldest->info, sizeof(*info));
  __atomic_store_n(&oldest->state, kFree, __ATOMIC_RELEASE);
  *count = 1 + __atomic_exchange_n(&unnoted, 0, __ATOMIC_ACQ_REL);
  return true;
}

}  // namespace sigkit
