#ifndef SIGKIT_POSIX_CLOSED_THREADS_H_
#define SIGKIT_POSIX_CLOSED_THREADS_H_

#include <sys/types.h>

#include "posix/signal_set.h"

namespace sigkit {

// Threads that a catcher has made to block more, and what they blocked before: lock-free, in static memory.

// Async-signal-safe. False if there is no room: then the thread is to be left as it is.
bool NoteClosedThread(pid_t tid, SignalSet before);
// Any of them; false when there is none. One reader at a time.
bool TakeClosedThread(pid_t* tid, SignalSet* before);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_CLOSED_THREADS_H_
