#include "posix/steady_mask.h"

#include <signal.h>

#include "posix/libc_signals.h"
#include "posix/syscalls.h"

namespace sigkit {
namespace {

// Beside libc's own. Node's own threads block it for good, and its handler takes a moment (src/inspector_agent.cc).
constexpr SignalSet kNeverNesting = SignalSet::Of(SIGUSR1);

}  // namespace

void SteadyMask::LearnAsleep(pid_t tid, const ThreadStatus& status, SignalSet managed, int opener) {
  const auto sleeps_open = [&](const ThreadStatus& seen) { return seen.state == 'S' && !seen.blocked.Has(opener); };
  if (!sleeps_open(status) || steady_.Contains(status.blocked & ~managed)) return;
  // The state and the mask of one look are not of one moment.
  ThreadStatus again;
  const bool slept_on =
      ReadThreadStatus(tid, &again) == 0 && sleeps_open(again) && again.context_switches == status.context_switches;
  if (slept_on) steady_ |= again.blocked & ~managed;
}

bool SteadyMask::IsInHandler(SignalSet mask, SignalSet managed) const {
  bool found = false;
  (mask & ~(steady_ | managed | kNeverNesting | LibcSignals())).ForEach([&](int signo) {
    KernelSigaction action;
    if (!found && ReadAction(signo, &action) == 0) found = !IsDefault(action) && !IsIgnore(action);
  });
  return found;
}

}  // namespace sigkit
