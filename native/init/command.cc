#include "init/command.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "init/environment.h"
#include "init/own_fd.h"
#include "init/report.h"
#include "posix/syscalls.h"

namespace sigkit::init {
namespace {

constexpr char kShell[] = "/bin/sh";

SpawnRequest RequestOf(const Options& options, const StartRecord& record, const Terminal& terminal) {
  SpawnRequest request;
  request.keep_descriptors = true;
  request.mask = record.blocked;
  request.ignored = record.ignored;
  request.session = options.session;
  request.group = 0;
  if (!options.session && terminal.IsOurs()) request.terminal = terminal.file();
  // The others reach init, which forwards them.
  if (options.parent_death_signal == SIGKILL) request.parent_death_signal = SIGKILL;
  return request;
}

// What the child writes to, in its own copy as a rule.
struct Newborn {
  StartRecord* record;  // null: nobody has it
  ChildEnvironment environment;
};

// What was sent to init's group while the child was still in it is pending in both, and init forwards it. Nobody knows
// the child yet; what somebody sends to everybody (kill(-1)) in this moment, it has missed as if it came later.
__attribute__((no_sanitize("thread", "address", "undefined"))) void SettleChild(ChildPlan* plan) {
  const timespec now = {};
  siginfo_t info;
  while (!__atomic_load_n(&plan->taken_over, __ATOMIC_ACQUIRE) && TimedWait(SignalSet::All(), &info, &now) > 0)
    continue;
  auto* newborn = static_cast<Newborn*>(plan->in_own_group_argument);
  if (newborn->record != nullptr) CompleteStartRecord(newborn->record);
  newborn->environment.NameChild();
}

// A file that the kernel does not know how to execute is a script for the shell, as for execvp(3): sh FILE ARGUMENTS.
ClonedChild StartShell(ChildPlan* plan, Delivery* delivery) {
  size_t count = 0;
  while (plan->arguments[count] != nullptr) ++count;
  const Array<char*> arguments = MakeArray<char*>(count + 2);
  if (arguments == nullptr) return {};
  arguments[0] = const_cast<char*>(kShell);
  arguments[1] = const_cast<char*>(plan->tried);
  for (size_t index = 1; index < count; ++index) arguments[index + 1] = plan->arguments[index];
  const std::array<const char*, 2> files = {kShell, nullptr};
  ChildPlan shell = *plan;
  shell.files = files.data();
  shell.arguments = arguments.get();
  ClonedChild child = delivery->Try(&shell);
  plan->step = shell.step;
  plan->error = shell.error;
  return child;
}

int Explain(const char* command, const ChildPlan& plan) {
  if (plan.step != SpawnStep::kExec) {
    Report("cannot start a process: %s", strerror(-plan.error));
    return kCannotStart;
  }
  if (plan.error != -ENOENT && plan.error != -ENOTDIR) {
    Report("%s: %s", command, strerror(-plan.error));
    return kNotExecutable;
  }
  const char* const* file = plan.files;
  while (*file != nullptr && access(*file, F_OK) != 0) ++file;
  const bool is_there = *file != nullptr;
  Report("%s: %s", command, is_there ? "its interpreter was not found" : "not found");
  return kNotFound;
}

}  // namespace

Child Command::Start(StartRecord* record, const Terminal& terminal, Hold* hold) {
  const SpawnRequest request = RequestOf(options_, *record, terminal);
  const SpokenVariables spoken = {hold->fd_variable(), hold->inode_variable(), record->variable};
  Newborn newborn = {.record = hold->holds() ? record : nullptr, .environment = {}};
  if (!newborn.environment.Make(options_.keep_variables, hold->holds() ? &spoken : nullptr) ||
      !candidates_.Find(options_.command[0])) {
    Report("cannot start a process: %s", strerror(ENOMEM));
    return {.pid = 0, .exit_code = kCannotStart, .pidfd = UniqueFd()};
  }
  ChildPlan plan = {
      .request = &request,
      .parent = getpid(),
      .files = candidates_.list(),
      .arguments = options_.command,
      .environment = newborn.environment.list(),
      .directory = nullptr,
      .descriptors = nullptr,
      .descriptor_count = 0,
      .terminal = request.terminal,
      .former_group = 0,
      .in_own_group = SettleChild,
      .in_own_group_argument = &newborn,
      .apart = true,
      .error = 0,
      .step = SpawnStep::kNone,
      .tried = nullptr,
      .pid = 0,
      .pidfd = -1,
      .taken_over = false,
  };
  ClonedChild child = delivery_.Try(&plan);
  // Without a descriptor for it only values for a group are lost.
  if (plan.step == SpawnStep::kClone && (plan.error == -EMFILE || plan.error == -ENFILE))
    child = delivery_.Try(&plan, WithPidfd::kNo);
  if (child.pid == 0 && plan.step == SpawnStep::kForeground) {
    // Another has taken the terminal meanwhile.
    plan.terminal = kNoTerminal;
    child = delivery_.Try(&plan);
  }
  if (child.pid == 0 && plan.step == SpawnStep::kExec && plan.error == -ENOEXEC) child = StartShell(&plan, &delivery_);
  hold->CloseChildEnd();
  if (child.pid == 0) return {.pid = 0, .exit_code = Explain(options_.command[0], plan), .pidfd = UniqueFd()};
  return {.pid = child.pid, .exit_code = 0, .pidfd = OwnFd(child.pidfd.Release())};
}

int Command::ExitCodeOfNever() const {
  if (delivery_.failed() == nullptr) return 0;
  ChildPlan plan = *delivery_.failed();
  plan.files = candidates_.list();
  return Explain(options_.command[0], plan);
}

}  // namespace sigkit::init
