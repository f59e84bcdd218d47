#ifndef SIGKIT_POSIX_STEADY_MASK_H_
#define SIGKIT_POSIX_STEADY_MASK_H_

#include <sys/types.h>

#include "posix/signal_set.h"
#include "posix/thread_status.h"

namespace sigkit {

// What a thread blocks outside handlers, as far as that can be known: it decides whether a change of its mask lasts, as
// the return of a handler undoes it. `managed`: what others may have set in the thread, of which this says nothing.
class SteadyMask {
 public:
  // What it blocks while it sleeps is steady, as few handlers sleep; but not if `opener` is blocked too: who blocks all
  // does so for a moment, or for good.
  void LearnAsleep(pid_t tid, const ThreadStatus& status, SignalSet managed, int opener);
  // It is known to be outside.
  void LearnOutside(SignalSet mask, SignalSet managed) { steady_ = (steady_ & managed) | (mask & ~managed); }
  // It was met with this mask, perhaps inside a handler, which blocks no less.
  void LearnAwake(SignalSet mask, SignalSet managed) { steady_ &= mask | managed; }
  // Whether a thread with this mask is in a handler: it blocks a signal that has one, and not steadily.
  bool IsInHandler(SignalSet mask, SignalSet managed) const;

 private:
  SignalSet steady_;
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_STEADY_MASK_H_
