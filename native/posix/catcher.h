#ifndef SIGKIT_POSIX_CATCHER_H_
#define SIGKIT_POSIX_CATCHER_H_

#include "posix/signal_set.h"
#include "posix/syscalls.h"

namespace sigkit {

// The handler that stands behind each claim. A mask alone is no claim: a thread that the broadcast has missed would get
// the signal with its default action. What reaches such a thread is noted for the waiter, and the thread's mask closed.
//
// SIGCHLD is another matter: blocked everywhere, libuv would never learn that a child ended. There the same handler
// only listens in, and then runs the one that was there.

// Called in the handler after each note; must be async-signal-safe.
void SetCatcherRing(void (*ring)());

// These return 0 or a negative errno, and are called by one thread at a time.
int InstallCatcher(int signo);
// Puts back what was there, if no other handler has been put above it.
int RemoveCatcher(int signo);
// From then on only these are caught: what a handler of ours gets else does what the action below it does. Returns when
// no handler runs any more, or when one has been held up too long.
void DisarmCatchers(SignalSet still_armed);
// libuv has taken this catcher away: now `action` is to be there, also for who puts the catcher back later.
int ReplaceCatcher(int signo, const KernelSigaction& catcher, const KernelSigaction& action);
bool IsCatcher(const KernelSigaction& action);
// What stands below a catcher: what it passes its signal on to when nothing is claimed.
KernelSigaction BelowCatcher(const KernelSigaction& catcher, int signo);
// What is to be blocked in a thread in which something was caught; not in one that blocks `opener`, the signal by which
// it would have to be opened again, nor in one that is open on purpose (open_threads.h).
void SetCatcherMask(SignalSet held, int opener);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_CATCHER_H_
