#include "posix/open_threads.h"

namespace sigkit {
namespace {

constexpr int kSlots = 16;
pid_t slots[kSlots];
int count = 0;

}  // namespace

void AddOpenThread(pid_t tid) {
  if (IsOpenThread(tid)) return;
  for (pid_t& slot : slots) {
    if (slot != 0) continue;
    __atomic_store_n(&slot, tid, __ATOMIC_RELEASE);
    __atomic_fetch_add(&count, 1, __ATOMIC_RELEASE);
    return;
  }
}

void RemoveOpenThread(pid_t tid) {
  for (pid_t& slot : slots) {
    if (slot != tid) continue;
    __atomic_store_n(&slot, 0, __ATOMIC_RELEASE);
    __atomic_fetch_sub(&count, 1, __ATOMIC_RELEASE);
  }
}

// Called by the catcher: see syscalls.cc.
__attribute__((no_sanitize("thread", "address", "undefined"))) bool IsOpenThread(pid_t tid) {
  if (__atomic_load_n(&count, __ATOMIC_ACQUIRE) == 0) return false;
  for (const pid_t& slot : slots) {
    if (__atomic_load_n(&slot, __ATOMIC_ACQUIRE) == tid) return true;
  }
  return false;
}

}  // namespace sigkit
