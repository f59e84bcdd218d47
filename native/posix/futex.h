#ifndef SIGKIT_POSIX_FUTEX_H_
#define SIGKIT_POSIX_FUTEX_H_

#include <cstdint>

namespace sigkit {

// futex(2) on one private word; both are async-signal-safe.
// Sleeps while *word is `expected`, at most `timeout_ns`; spurious returns are allowed, the caller checks again.
void FutexWait(const uint32_t* word, uint32_t expected, int64_t timeout_ns);
void FutexWake(const uint32_t* word);

// Changes the word, and wakes who waits for that.
void FutexAdvance(uint32_t* word);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_FUTEX_H_
