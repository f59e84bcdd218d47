#include "init/supervisor.h"

#include <unistd.h>

#include <algorithm>

#include "init/reaping.h"
#include "init/remainder.h"
#include "init/report.h"
#include "init/signal_kinds.h"
#include "posix/send.h"
#include "posix/syscalls.h"

namespace sigkit::init {
namespace {

constexpr SignalSet kStandard{0x7fffffff};

}  // namespace

int Supervisor::Run() {
  while (!ended_) {
    SendDue();
    KillInTime();
    TakeSignal();
  }
  return status_;
}

void Supervisor::SendDue() {
  if (hold_.holds()) {
    if (!hold_.Ends(child_.pid)) return;
    if (options_.verbose) Report("holds no signals any more");
  }
  outbox_.Flush([this](const Message& message) { return Send(message); });
}

void Supervisor::KillInTime() {
  if (killing_ || Now() < kill_at_) return;
  killing_ = true;
  Kill(-child_.pid, SIGKILL);
  Kill(child_.pid, SIGKILL);
  Remainder::Kill();
  Report("the grace period is over: SIGKILL to all");
}

void Supervisor::TakeSignal() {
  const bool has_room = outbox_.HasRoomForQueued();
  Time until = killing_ ? kNever : kill_at_;
  if (hold_.holds()) {
    hold_.Wait(until, has_room);
    until = 0;
  } else {
    until = std::min(until, outbox_.NextDue());
  }
  siginfo_t info = {};
  const timespec left = TimeUntil(until);
  const SignalSet wanted = has_room ? SignalSet::All() : kStandard;
  if (TimedWait(wanted, &info, until == kNever ? nullptr : &left) > 0) Handle(info);
}

void Supervisor::Handle(const siginfo_t& info) {
  if (info.si_signo == SIGCHLD) {
    // One of the kernel's can have been merged into a user's that was pending, so the children are looked at in any
    // case.
    Reap();
    if (info.si_code > 0) return;
  }
  if (info.si_signo == SIGCONT && OnContinued()) return;
  Post(Message::From(info));
}

void Supervisor::Post(const Message& message) {
  const Time due = IsTermination(message.signo) && options_.delay > 0 ? Now() + options_.delay : 0;
  const bool is_free = !hold_.holds() && due == 0 && !outbox_.Has(message.signo);
  if (!is_free || !Send(message)) outbox_.Add(message, due);
}

bool Supervisor::Send(const Message& message) {
  if (!forwarder_.Send(message)) return false;
  const int signo = forwarder_.Rewritten(message.signo);
  const bool is_termination = signo != 0 && (IsTermination(message.signo) || IsTermination(signo));
  if (is_termination && kill_at_ == kNever && options_.grace != kNever) kill_at_ = Now() + options_.grace;
  if (is_termination && !IsStop(signo)) ContinueIfStopped();
  return true;
}

// A process that is stopped does not end by a signal that waits for its continuation; nobody else may send that.
void Supervisor::ContinueIfStopped() {
  // SIGCHLD, which tells of the stop, comes after SIGTERM where both are pending.
  Reap();
  if (!stopped_ || ended_) return;
  stopped_ = false;
  forwarder_.Continue();
  if (options_.verbose) Report("continued process %d, which was stopped", child_.pid);
}

void Supervisor::Reap() {
  ForEachChange([this](pid_t pid, int status) {
    if (pid != child_.pid) {
      if (options_.warn_reaped && HasEnded(status)) ReportReaped(pid, status);
    } else if (WIFSTOPPED(status)) {
      stopped_ = true;
      OnStopped(WSTOPSIG(status));
    } else if (WIFCONTINUED(status)) {
      stopped_ = false;
    } else {
      ended_ = true;
      status_ = status;
    }
  });
  if (killing_) Remainder::Kill();
}

void Supervisor::OnStopped(int signo) {
  if (!terminal_.exists() || !(IsTerminalStop(signo) || (options_.session && signo == SIGSTOP))) return;
  // Brought to the foreground without a SIGCONT, as its shell believed it running.
  if ((signo == SIGTTIN || signo == SIGTTOU) && terminal_.IsOurs() && !options_.session) {
    terminal_.Give(child_.pid);
    forwarder_.ContinueGroup();
    return;
  }
  if (getpid() == 1) return;
  stopped_with_child_ = true;
  StopOwnGroup(IsTerminalStop(signo) ? signo : SIGTSTP);
}

// `fg` and `bg` of a shell. Whether the whole group has been continued by it.
bool Supervisor::OnContinued() {
  if (!options_.session && terminal_.IsOurs()) terminal_.Give(child_.pid);
  if (!stopped_with_child_) return false;
  stopped_with_child_ = false;
  return forwarder_.ContinueGroup();
}

}  // namespace sigkit::init
