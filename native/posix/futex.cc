#include "posix/futex.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <climits>

namespace sigkit {

void FutexWait(const uint32_t* word, uint32_t expected, int64_t timeout_ns) {
  const timespec timeout = {timeout_ns / 1'000'000'000, timeout_ns % 1'000'000'000};
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, &timeout, nullptr, 0);
}

// Called by a handler: see syscalls.cc.
__attribute__((no_sanitize("thread", "address", "undefined"))) void FutexWake(const uint32_t* word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

void FutexAdvance(uint32_t* word) {
  __atomic_fetch_add(word, 1, __ATOMIC_ACQ_REL);
  FutexWake(word);
}

}  // namespace sigkit
