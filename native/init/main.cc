// sigkit-init: runs one command as its child, forwards signals to it, reaps what it is given, and ends as it has ended.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "init/command.h"
#include "init/contain.h"
#include "init/descriptors.h"
#include "init/drain.h"
#include "init/entry.h"
#include "init/hold.h"
#include "init/options.h"
#include "init/outbox.h"
#include "init/outer_hold.h"
#include "init/process_names.h"
#include "init/remainder.h"
#include "init/report.h"
#include "init/signal_kinds.h"
#include "init/start_record.h"
#include "init/supervisor.h"
#include "init/terminal.h"
#include "init/watcher.h"
#include "posix/process_group.h"
#include "posix/send.h"
#include "posix/signal_names.h"
#include "posix/syscalls.h"

namespace sigkit::init {
namespace {

constexpr int kUsageError = 2;
constexpr Time kUsualDrain = 5 * kSecond;

// Memory that is touched only when it is used.
constinit Outbox outbox;
constinit Remainder remainder;

SignalSet IgnoredSignals() {
  SignalSet ignored;
  for (int signo = 1; signo <= kSignalCount; ++signo) {
    KernelSigaction action;
    if (ReadAction(signo, &action) == 0 && IsIgnore(action)) ignored |= SignalSet::Of(signo);
  }
  return ignored;
}

// Ignored, SIGCHLD has the kernel reap the child. Set to its default, one that is pending would be discarded
// (sigaction(2)); so it gets a handler, which never runs, as it stays blocked.
void LearnOfChildren() {
  ChangeAction(SIGCHLD, HandlerAction([](int, siginfo_t*, void*) {}, 0, SignalSet::All()), nullptr);
}

void TieToParent(int signo) {
  if (signo == 0) return;
  const pid_t parent = getppid();
  SetParentDeathSignal(signo);
  // It may have died just before.
  if (getppid() != parent) Kill(getpid(), signo);
}

void AdoptOrphans(const Options& options) {
  if (getpid() == 1) return;
  if (options.subreaper || options.drain || options.grace != kNever) SetSubreaper(true);
  if (IsSubreaper() != 1) Report("not PID 1 and not a subreaper: orphans are not reaped here");
}

// As the child has ended; without a core of init's own.
[[noreturn]] void EndLike(int status, const Options& options) {
  const int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  const int remapped = options.codes[static_cast<size_t>(code)];
  if (remapped != kSameCode) _exit(remapped);
  if (WIFSIGNALED(status) && getpid() != 1) {
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    DieOf(WTERMSIG(status));
  }
  _exit(code);
}

// What init was started with is the child's: a pipe that the child closes has its end, and a socket that it closes is
// no listener any more. Of the standard streams only stderr is of use to init; its terminal it has open in any case,
// and who looks for that looks at these.
void LetGo(const Child& child, const Terminal& terminal, const Hold& hold) {
  const auto if_terminal = [](int fd) { return ForegroundGroup(fd) >= 0 ? fd : -1; };
  const auto [reader, arrivals] = hold.descriptors();
  std::array<int, 7> kept = {if_terminal(STDIN_FILENO),
                             if_terminal(STDOUT_FILENO),
                             STDERR_FILENO,
                             terminal.file(),
                             child.pidfd.get(),
                             reader,
                             arrivals};
  CloseAllBut(kept);
}

void ReportEnd(int status) {
  if (WIFSIGNALED(status)) return Report("the child was ended by %s", SignalName(WTERMSIG(status), kRtmin).c_str());
  Report("the child has ended with exit code %d", WEXITSTATUS(status));
}

void EndTheRest(const Options& options, Time kill_at) {
  const bool killing = Now() >= kill_at;
  if (!options.drain && !killing) return;
  const Time patience = options.grace == kNever ? kUsualDrain : options.grace;
  Drain(options, std::min(kill_at, Now() + patience), &remainder);
}

int Run(char* const* arguments) {
  if (arguments[0] != nullptr && strcmp(arguments[0], kContainWord) == 0) return Contain(arguments + 1);
  if (arguments[0] != nullptr && strcmp(arguments[0], kWatchWord) == 0) return WatchCgroups(arguments + 1);
  Options options;
  const Parsed parsed = ParseOptions(arguments, &options);
  if (parsed != Parsed::kRun) return parsed == Parsed::kDone ? 0 : kUsageError;
  if (options.delay > 0 && IsStartedByManager())
    Report(
        "--delay under a service manager wants KillMode=mixed: by default the command gets signals at once, and again");
  StartRecord record(IgnoredSignals(), OriginalMask());
  if (record.ignored.Has(SIGCHLD)) LearnOfChildren();
  AnswerOuterHold();
  TieToParent(options.parent_death_signal);
  AdoptOrphans(options);
  Terminal terminal;
  terminal.Open();
  Hold hold;
  const int held = options.hold > 0 ? hold.Open(options.hold) : 0;
  if (held < 0) Report("cannot hold signals: %s", strerror(-held));
  Command command(options);
  const Child child = command.Start(&record, terminal, &hold);
  if (child.pid == 0) return child.exit_code;
  LetGo(child, terminal, hold);
  if (options.verbose) Report("started process %d: %s", child.pid, options.command[0]);
  Supervisor supervisor(options, child, terminal, &hold, &outbox);
  const int status = supervisor.Run();
  if (options.verbose) ReportEnd(status);
  terminal.TakeBackFrom(child.pid);
  EndTheRest(options, supervisor.kill_at());
  if (const int code = command.ExitCodeOfNever(); code != 0) return code;
  EndLike(status, options);
}

}  // namespace
}  // namespace sigkit::init

int main(int, char** arguments) { return sigkit::init::Run(arguments[0] == nullptr ? arguments : arguments + 1); }
