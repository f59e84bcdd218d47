#ifndef SIGKIT_POSIX_OPEN_THREADS_H_
#define SIGKIT_POSIX_OPEN_THREADS_H_

#include <sys/types.h>

namespace sigkit {

// Threads that are open to claimed signals for a moment, on purpose, and are not to be closed by a catcher: lock-free,
// in static memory.

// By one thread at a time. Without room, a catcher may close it.
void AddOpenThread(pid_t tid);
void RemoveOpenThread(pid_t tid);
// Async-signal-safe.
bool IsOpenThread(pid_t tid);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_OPEN_THREADS_H_
