#include "posix/spawn_child.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "posix/child_calls.h"
#include "posix/clone_cgroup.h"
#include "posix/pseudo_terminal.h"
#include "posix/syscalls.h"

namespace sigkit {
namespace {

constexpr unsigned kCloseRangeCloexec = 4;  // CLOSE_RANGE_CLOEXEC, kernel 5.11
constexpr int kNotFound = 127;

[[noreturn]] __attribute__((no_sanitize("thread", "address", "undefined"))) void Leave() {
  for (;;) syscall(SYS_exit_group, kNotFound);
}

}  // namespace

__attribute__((no_sanitize("thread", "address", "undefined"))) void Check(ChildPlan& plan, SpawnStep step,
                                                                          long result) {
  if (result >= 0) return;
  // Else the terminal would be left to a group that is no more.
  if (plan.former_group > 0) Call(SYS_ioctl, plan.terminal, TIOCSPGRP, &plan.former_group);
  plan.step = step;
  __atomic_store_n(&plan.error, static_cast<int>(result), __ATOMIC_RELEASE);
  Leave();
}

namespace {

// A handler of the parent would run in its memory: execve(2) would reset it, but only after the mask has been opened.
__attribute__((no_sanitize("thread", "address", "undefined"))) void SetDispositions(const SpawnRequest& request) {
  const KernelSigaction standard = DefaultAction();
  const KernelSigaction ignore = IgnoreAction();
  for (int signo = 1; signo <= kSignalCount; ++signo) {
    if (signo == SIGKILL || signo == SIGSTOP) continue;
    KernelSigaction now;
    if (request.ignored.Has(signo)) {
      ChangeAction(signo, ignore, nullptr);
    } else if (request.defaults.Has(signo) || (ReadAction(signo, &now) == 0 && !IsIgnore(now) && !IsDefault(now))) {
      ChangeAction(signo, standard, nullptr);
    }
  }
}

__attribute__((no_sanitize("thread", "address", "undefined"))) void SetGroupAndSession(ChildPlan& plan) {
  const SpawnRequest& request = *plan.request;
  if (request.session) Check(plan, SpawnStep::kSession, Call(SYS_setsid));
  // The leader of a session is in a group of its own for good (setpgid(2): EPERM).
  if (!request.session && request.group != kSameGroup)
    Check(plan, SpawnStep::kGroup, Call(SYS_setpgid, 0, request.group));
}

// Each comes from a place that is not overwritten before it has been copied.
__attribute__((no_sanitize("thread", "address", "undefined"))) void PlaceDescriptors(ChildPlan& plan) {
  if (plan.request->keep_descriptors) return;
  const int count = plan.descriptor_count;
  if (plan.terminal >= 0) {
    const long copy = Call(SYS_fcntl, plan.terminal, F_DUPFD_CLOEXEC, count);
    Check(plan, SpawnStep::kForeground, copy);
    plan.terminal = static_cast<int>(copy);
  }
  for (int target = 0; target < count; ++target) {
    int& source = plan.descriptors[target];
    if (source < 0 || source == target || source >= count) continue;
    const long copy = Call(SYS_fcntl, source, F_DUPFD_CLOEXEC, count);
    Check(plan, SpawnStep::kDescriptors, copy);
    source = static_cast<int>(copy);
  }
  for (int target = 0; target < count; ++target) {
    const int source = plan.descriptors[target];
    if (source < 0) {
      Call(SYS_close, target);
    } else if (source == target) {
      Check(plan, SpawnStep::kDescriptors, Call(SYS_fcntl, target, F_SETFD, 0));
    } else {
      Check(plan, SpawnStep::kDescriptors, Call(SYS_dup3, source, target, 0));
    }
  }
}

struct DirectoryEntry {
  uint64_t inode;
  int64_t offset;
  uint16_t length;
  uint8_t type;
  char name;  // the first of several
};

__attribute__((no_sanitize("thread", "address", "undefined"))) int NumberIn(const char* name) {
  int number = 0;
  for (; *name != '\0'; ++name) {
    if (*name < '0' || *name > '9') return -1;
    number = number * 10 + (*name - '0');
  }
  return number;
}

// Each number that a descriptor can have.
__attribute__((no_sanitize("thread", "address", "undefined"))) void HideAllNumbers(ChildPlan& plan, int first) {
  rlimit limit = {};
  Check(plan, SpawnStep::kDescriptors, Call(SYS_prlimit64, 0, RLIMIT_NOFILE, nullptr, &limit));
  for (auto fd = static_cast<rlim_t>(first); fd < limit.rlim_cur; ++fd) Call(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
}

// Before kernel 5.11: one by one, as /proc lists them. Its link `self` is this process's whatever namespace it is of.
__attribute__((no_sanitize("thread", "address", "undefined"))) void HideListedDescriptors(ChildPlan& plan, int first) {
  const long folder = Call(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder == -ENOENT) return HideAllNumbers(plan, first);
  Check(plan, SpawnStep::kDescriptors, folder);
  alignas(DirectoryEntry) char buffer[2048];
  for (;;) {
    const long got = Call(SYS_getdents64, folder, buffer, sizeof(buffer));
    Check(plan, SpawnStep::kDescriptors, got);
    if (got == 0) break;
    for (long at = 0; at < got;) {
      const auto* entry = reinterpret_cast<const DirectoryEntry*>(buffer + at);
      const int fd = NumberIn(&entry->name);
      if (fd >= first) Call(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
      at += entry->length;
    }
  }
  Call(SYS_close, folder);
}

__attribute__((no_sanitize("thread", "address", "undefined"))) void HideDescriptors(ChildPlan& plan, int first) {
  if (plan.request->keep_descriptors) return;
  if (Call(SYS_close_range, first, ~0U, kCloseRangeCloexec) != 0) HideListedDescriptors(plan, first);
}

// In the child alone: once it and its children have ended, nobody has it any more, and our end is told so.
__attribute__((no_sanitize("thread", "address", "undefined"))) void OpenTerminal(ChildPlan& plan) {
  if (plan.request->pseudo_terminal < 0) return;
  const long opened = OpenOtherEnd(plan.request->pseudo_terminal);
  Check(plan, SpawnStep::kPseudoTerminal, opened);
  // As login(1) does; who may not is the user whose it is.
  if (plan.request->uid.has_value()) Call(SYS_fchown, opened, *plan.request->uid, -1);
  for (int target = STDIN_FILENO; target <= STDERR_FILENO; ++target)
    plan.descriptors[target] = static_cast<int>(opened);
}

__attribute__((no_sanitize("thread", "address", "undefined"))) void TakeTerminal(ChildPlan& plan) {
  if (plan.terminal == kNoTerminal) return;
  long terminal = plan.terminal == kStandardInput ? STDIN_FILENO : plan.terminal;
  if (plan.request->session) {
    Check(plan, SpawnStep::kControllingTerminal, Call(SYS_ioctl, terminal, TIOCSCTTY, 0));
  } else if (plan.terminal == kControllingTerminal) {
    terminal = Call(SYS_openat, AT_FDCWD, "/dev/tty", O_RDWR | O_CLOEXEC);
    Check(plan, SpawnStep::kForeground, terminal);
  }
  // SIGTTOU is blocked like all others, so a background child is not stopped for it.
  const int group = static_cast<int>(Call(SYS_getpgid, 0));
  int former = 0;
  if (!plan.request->session) Call(SYS_ioctl, terminal, TIOCGPGRP, &former);
  Check(plan, SpawnStep::kForeground, Call(SYS_ioctl, terminal, TIOCSPGRP, &group));
  plan.terminal = static_cast<int>(terminal);
  plan.former_group = former;
}

template <typename Id>
__attribute__((no_sanitize("thread", "address", "undefined"))) bool Differs(long call,
                                                                            const std::optional<Id>& wanted) {
  Id real = 0;
  Id effective = 0;
  Id saved = 0;
  if (!wanted.has_value() || Call(call, &real, &effective, &saved) < 0) return false;
  return *wanted != real || *wanted != effective || *wanted != saved;
}

// The groups of another user are nothing to keep. Who may not drop them keeps them only if there are none, or if nobody
// else is to have them: user and group stay what they are. Groups that a user namespace shows as 65534, and in which it
// denies setgroups(2) (user_namespaces(7)), grant what they granted outside.
__attribute__((no_sanitize("thread", "address", "undefined"))) long DropGroups(const SpawnRequest& request) {
  const long dropped = Call(SYS_setgroups, 0, nullptr);
  if (dropped >= 0 || Call(SYS_getgroups, 0, nullptr) == 0) return 0;
  const bool changes = Differs(SYS_getresuid, request.uid) || Differs(SYS_getresgid, request.gid);
  return changes ? dropped : 0;
}

// The order of login(1): what the next step would forbid comes first.
__attribute__((no_sanitize("thread", "address", "undefined"))) void BecomeUser(ChildPlan& plan) {
  const SpawnRequest& request = *plan.request;
  if (request.groups.has_value())
    Check(plan, SpawnStep::kSetgroups, Call(SYS_setgroups, request.groups->size(), request.groups->data()));
  const long kept = !request.groups.has_value() && ChangesUser(request) ? DropGroups(request) : 0;
  if (request.gid.has_value())
    Check(plan, SpawnStep::kSetgid, Call(SYS_setresgid, *request.gid, *request.gid, *request.gid));
  if (request.uid.has_value())
    Check(plan, SpawnStep::kSetuid, Call(SYS_setresuid, *request.uid, *request.uid, *request.uid));
  // Who has the right to none of this is told so by what was asked for.
  Check(plan, SpawnStep::kSetgroups, kept);
}

// After the change of user, which clears it (PR_SET_PDEATHSIG(2const)).
__attribute__((no_sanitize("thread", "address", "undefined"))) void BindToParent(ChildPlan& plan) {
  const int signo = plan.request->parent_death_signal;
  if (signo == 0) return;
  Check(plan, SpawnStep::kParentDeathSignal, Call(SYS_prctl, PR_SET_PDEATHSIG, signo, 0, 0, 0));
  // It may have died before: then nobody else will tell.
  if (Call(SYS_getppid) == plan.parent) return;
  Call(SYS_kill, Call(SYS_getpid), SIGKILL);
  Leave();
}

// As execvp(3): a folder of PATH where the file is not, or may not be executed, or whose name is too long, is passed
// over. A name that is too long everywhere is so by itself.
__attribute__((no_sanitize("thread", "address", "undefined"))) void Execute(ChildPlan& plan) {
  long worst = -ENAMETOOLONG;
  for (const char* const* file = plan.files; *file != nullptr; ++file) {
    plan.tried = *file;
    const long error = Call(SYS_execve, *file, plan.arguments, plan.environment);
    const bool passed_over = error == -ENOENT || error == -ENOTDIR || error == -EACCES || error == -ESTALE ||
                             error == -ENODEV || error == -ETIMEDOUT || error == -ENAMETOOLONG;
    const bool is_path = plan.files[1] == nullptr;
    if (error == -EACCES || !passed_over || is_path) {
      worst = error;
    } else if (error != -ENAMETOOLONG && worst == -ENAMETOOLONG) {
      worst = -ENOENT;
    }
    if (!passed_over) break;
  }
  Check(plan, SpawnStep::kExec, worst);
}

}  // namespace

__attribute__((no_sanitize("thread", "address", "undefined"))) int RunChild(void* argument) {
  ChildPlan& plan = *static_cast<ChildPlan*>(argument);
  __atomic_store_n(&plan.pid, static_cast<pid_t>(Call(SYS_getpid)), __ATOMIC_RELAXED);
  if (plan.enters_cgroup) Check(plan, SpawnStep::kEnterCgroup, EnterCgroup(plan.request->cgroup));
  SetDispositions(*plan.request);
  SetGroupAndSession(plan);
  if (plan.in_own_group != nullptr) plan.in_own_group(&plan);
  OpenTerminal(plan);
  PlaceDescriptors(plan);
  TakeTerminal(plan);
  if (plan.directory != nullptr) Check(plan, SpawnStep::kChdir, Call(SYS_chdir, plan.directory));
  // Before the limit of open files, up to which it looks where it can look nowhere else.
  HideDescriptors(plan, plan.descriptor_count);
  ApplySettings(plan);
  BecomeUser(plan);
  DropPrivileges(plan);
  BindToParent(plan);
  // Last: what was pending since the birth acts now, and is the new program's.
  ChangeMask(MaskHow::kSet, plan.request->mask, nullptr);
  Execute(plan);
  Leave();
}

}  // namespace sigkit
