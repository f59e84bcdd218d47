#ifndef SIGKIT_POSIX_QUIET_THREAD_H_
#define SIGKIT_POSIX_QUIET_THREAD_H_

#include <pthread.h>
#include <sys/types.h>

namespace sigkit {

// Starts a thread that blocks everything from its first moment on, so that no handler ever runs in it; but libc's own
// two, on which setuid(2) depends (nptl(7)), and the faults of the thread itself. Returns 0 or a negative errno.
int StartQuietThread(pthread_t* thread, void* (*run)(void*), void* argument);

// Whether a thread is one of those: what it blocks, nobody has to change.
bool IsQuietThread(pid_t tid);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_QUIET_THREAD_H_
