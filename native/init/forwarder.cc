#include "init/forwarder.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "init/report.h"
#include "init/signal_kinds.h"
#include "posix/send.h"
#include "posix/signal_names.h"

namespace sigkit::init {
namespace {

constexpr unsigned kToProcessGroup = 1U << 2U;  // PIDFD_SIGNAL_PROCESS_GROUP, kernel 6.9

}  // namespace

int Forwarder::Rewritten(int signo) const {
  const int rewritten = options_.Rewritten(signo);
  // The only group of a session whose leader's parent is elsewhere is orphaned: the kernel discards these there.
  return options_.session && IsTerminalStop(rewritten) ? SIGSTOP : rewritten;
}

bool Forwarder::Send(const Message& message) const {
  const int signo = Rewritten(message.signo);
  if (signo == 0) {
    if (options_.verbose) Report("%s is dropped", SignalName(message.signo, kRtmin).c_str());
    return true;
  }
  const int result = SendTo(message, signo);
  if (result == -EAGAIN) return false;
  if (result != 0)
    Report("cannot forward %s to %d: %s", SignalName(signo, kRtmin).c_str(), child_.pid, strerror(-result));
  if (result == 0 && options_.verbose)
    Report("forwarded %s to %s %d", SignalName(signo, kRtmin).c_str(), options_.group ? "group" : "process",
           child_.pid);
  return true;
}

bool Forwarder::ContinueGroup() const { return Kill(-child_.pid, SIGCONT) == 0; }

void Forwarder::Continue() const {
  if (!options_.group || !ContinueGroup()) Kill(child_.pid, SIGCONT);
}

int Forwarder::SendTo(const Message& message, int signo) const {
  siginfo_t info = message.Info();
  info.si_signo = signo;
  if (options_.group) {
    const int result = message.IsQueued() ? QueueToGroup(info, signo) : Kill(-child_.pid, signo);
    // ESRCH: the child has moved to another group, and left nobody in its own.
    if (result != -ESRCH) return result;
  }
  if (!message.IsQueued()) return Kill(child_.pid, signo);
  return syscall(SYS_rt_sigqueueinfo, child_.pid, signo, &info) == 0 ? 0 : -errno;
}

int Forwarder::QueueToGroup(const siginfo_t& info, int signo) const {
  if (child_.pidfd.get() >= 0) {
    if (syscall(SYS_pidfd_send_signal, child_.pidfd.get(), signo, &info, kToProcessGroup) == 0) return 0;
    if (errno == EAGAIN) return -EAGAIN;
  }
  // Before 6.9 only kill(2) reaches a group, and has no value.
  return Kill(-child_.pid, signo);
}

}  // namespace sigkit::init
