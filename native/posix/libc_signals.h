#ifndef SIGKIT_POSIX_LIBC_SIGNALS_H_
#define SIGKIT_POSIX_LIBC_SIGNALS_H_

#include <signal.h>

#include "posix/signal_set.h"

namespace sigkit {

// The real-time signals that libc keeps for itself: thread cancellation, and setuid(2) and its like, which wait until
// every thread has answered (nptl(7)). Two with glibc, three with musl. No thread may block them for longer than a
// handler takes.
inline SignalSet LibcSignals() {
  SignalSet kept;
  for (int signo = kFirstRealtime; signo < SIGRTMIN; ++signo) kept |= SignalSet::Of(signo);
  return kept;
}

}  // namespace sigkit

#endif  // SIGKIT_POSIX_LIBC_SIGNALS_H_
