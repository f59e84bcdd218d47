#include "posix/closed_threads.h"

namespace sigkit {
namespace {

// Plain numbers, as the compiler's atomics want them.
enum SlotState : uint32_t { kFree, kWriting, kReady };

struct Slot {
  uint32_t state = kFree;
  pid_t tid = 0;
  uint64_t before = 0;
};

constexpr int kSlots = 256;
Slot slots[kSlots];
uint32_t ready = 0;

}  // namespace

// Called by the catcher: see syscalls.cc.
__attribute__((no_sanitize("thread", "address", "undefined"))) bool NoteClosedThread(pid_t tid, SignalSet before) {
  for (Slot& slot : slots) {
    uint32_t expected = kFree;
    if (!__atomic_compare_exchange_n(&slot.state, &expected, kWriting, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
      continue;
    slot.tid = tid;
    slot.before = before.bits();
    __atomic_store_n(&slot.state, kReady, __ATOMIC_RELEASE);
    __atomic_fetch_add(&ready, 1, __ATOMIC_ACQ_REL);
    return true;
  }
  return false;
}

bool TakeClosedThread(pid_t* tid, SignalSet* before) {
  if (__atomic_load_n(&ready, __ATOMIC_ACQUIRE) == 0) return false;
  for (Slot& slot : slots) {
    if (__atomic_load_n(&slot.state, __ATOMIC_ACQUIRE) != kReady) continue;
    *tid = slot.tid;
    *before = SignalSet(slot.before);
    __atomic_store_n(&slot.state, kFree, __ATOMIC_RELEASE);
    __atomic_fetch_sub(&ready, 1, __ATOMIC_ACQ_REL);
    return true;
  }
  return false;
}

}  // namespace sigkit
