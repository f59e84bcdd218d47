#include "init/drain.h"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "init/reaping.h"
#include "init/report.h"
#include "init/signal_kinds.h"
#include "posix/own_proc.h"
#include "posix/syscalls.h"

namespace sigkit::init {
namespace {

constexpr Time kKillPatience = 2 * kSecond;

struct Drained {
  int ended = 0;
  int killed = 0;
};

void ReapEnded(const Options& options, bool killing, Drained* drained) {
  ForEachChange([&](pid_t pid, int status) {
    if (!HasEnded(status)) return;
    drained->ended += 1;
    if (killing && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) drained->killed += 1;
    if (options.warn_reaped) ReportReaped(pid, status);
  });
}

// What survives is told in any case; stderr is the job's.
void ReportDrained(const Drained& drained, bool verbose) {
  const bool is_complete = !Remainder::Any();
  if (is_complete && (drained.ended == 0 || !verbose)) return;
  Report("drained %d process%s, %d of them by SIGKILL%s", drained.ended, drained.ended == 1 ? "" : "es", drained.killed,
         is_complete ? "" : "; some survive it");
}

// What arrives meanwhile is for all of them, but for job control: nobody would continue them.
void WaitForChange(const Options& options, Time until) {
  siginfo_t info = {};
  const timespec left = TimeUntil(until);
  const int signo = TimedWait(SignalSet::All(), &info, &left);
  if (signo <= 0 || (signo == SIGCHLD && info.si_code > 0)) return;
  const int rewritten = options.Rewritten(signo);
  if (rewritten != 0 && !IsTerminalStop(rewritten)) Remainder::Send(rewritten);
}

}  // namespace

void Drain(const Options& options, Time kill_at, Remainder* remainder) {
  Drained drained;
  const Time give_up_at = kill_at + kKillPatience;
  for (;;) {
    const bool killing = Now() >= kill_at;
    ReapEnded(options, killing, &drained);
    if (!Remainder::Any() || Now() >= give_up_at) break;
    const int sent = killing ? Remainder::Kill() : remainder->Terminate();
    if (sent < 0) {
      const int error = sent == -EXDEV ? CheckOwnProc() : sent;
      const char* const why = error == -EXDEV ? "/proc is another pid namespace's" : strerror(-error);
      return Report("cannot end what is left, as it cannot be listed: %s", why);
    }
    const Time look_again = Remainder::HasStrangers() ? Now() + kSecond / 50 : kNever;
    WaitForChange(options, std::min(killing ? give_up_at : kill_at, look_again));
  }
  if (options.drain) ReportDrained(drained, options.verbose);
}

}  // namespace sigkit::init
