#include "posix/clone_child.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <new>

#include "posix/clone_cgroup.h"
#include "posix/pidfd.h"

// glibc's second name for it: a sanitizer that wraps clone(2) takes the child for a fork, with a memory of its own, and
// from then on ignores what this thread does. Null where libc has no such name.
extern "C" __attribute__((weak)) int __clone(int (*)(void*), void*, int, void*, ...);  // NOLINT(bugprone-*,cert-*)

namespace sigkit {
namespace {

// The child's calls are few, and the longest list is read in pieces of 2 KiB.
constexpr size_t kBytes = size_t{64} * 1024;

// Changing the user of a memory makes all who share it undumpable (commit_creds() of the kernel): the parent would get
// no core dump and could not read its own /proc any more. And until its exec, the child's user could trace it: who has
// the same one, but no capabilities, also a child that has dropped them.
bool SharesMemory(const ChildPlan& plan) {
  return !plan.apart && !ChangesUser(*plan.request) && !plan.request->settings.drop_capabilities;
}

// On its copy of this very stack. Not libc's fork(2), which takes locks and runs handlers of others.
__attribute__((no_sanitize("thread", "address", "undefined"))) pid_t Fork(ChildPlan* plan, int flags, void* told) {
  const long pid = syscall(SYS_clone, flags, nullptr, told, nullptr, nullptr);
  if (pid == 0) RunChild(plan);
  return pid == -1 ? -errno : static_cast<pid_t>(pid);
}

// The parent waits until the child has executed its program.
int WhileBorn(const ChildPlan& plan) { return CLONE_VFORK | (SharesMemory(plan) ? CLONE_VM : 0); }

// Kernels before 5.2 ignore CLONE_PIDFD and leave the place for it alone.
pid_t Clone(const ChildMemory& memory, WithPidfd with_pidfd) {
  ChildPlan* plan = memory.plan();
  const bool wanted = with_pidfd == WithPidfd::kYes;
  const int told = (wanted ? CLONE_PIDFD : CLONE_PARENT_SETTID) | SIGCHLD;
  if (plan->apart) return Fork(plan, told, wanted ? &plan->pidfd : &plan->pid);
  const int flags = WhileBorn(*plan) | told;
  const auto real_clone = __clone == nullptr ? clone : __clone;
  const pid_t pid = real_clone(RunChild, memory.stack_top(), flags, plan, wanted ? &plan->pidfd : &plan->pid);
  return pid == -1 ? -errno : pid;
}

// As sandboxes do it.
bool IsRefusal(int error) { return error == -EINVAL || error == -ENOSYS || error == -EPERM; }

// Of what has nothing to do with the cgroup.
bool IsWantOfRoom(int error) {
  return error == -EAGAIN || error == -ENOMEM || error == -EMFILE || error == -ENFILE || error == -ENOSPC;
}

// 0: it cannot be born there, as the system call is refused, or the kernel is older than 5.7 (E2BIG).
pid_t CloneWithin(const ChildMemory& memory, WithPidfd with_pidfd) {
  ChildPlan* plan = memory.plan();
  if (plan->request->cgroup == kNoCgroup) return 0;
  const int told = with_pidfd == WithPidfd::kYes ? CLONE_PIDFD : CLONE_PARENT_SETTID;
  const pid_t pid = plan->apart
                        ? -ENOSYS
                        : CloneIntoCgroup(plan, static_cast<uint64_t>(WhileBorn(*plan) | told), memory.stack(), kBytes);
  plan->enters_cgroup = IsRefusal(pid) || pid == -E2BIG;
  return plan->enters_cgroup ? 0 : pid;
}

}  // namespace

ChildMemory::ChildMemory(const ChildPlan& plan)
    : low_(mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                (SharesMemory(plan) ? MAP_PRIVATE : MAP_SHARED) | MAP_ANONYMOUS, -1, 0)) {
  if (low_ != MAP_FAILED) plan_ = new (low_) ChildPlan(plan);
}

ChildMemory::~ChildMemory() {
  if (low_ != MAP_FAILED) munmap(low_, kBytes);
}

// Stacks grow downwards on every machine that sigkit knows.
void* ChildMemory::stack_top() const { return static_cast<char*>(low_) + kBytes; }

ClonedChild CloneInto(const ChildMemory& memory, WithPidfd with_pidfd) {
  ChildPlan* plan = memory.plan();
  if (plan == nullptr) return {};
  pid_t pid = CloneWithin(memory, with_pidfd);
  const bool is_of_cgroup = pid < 0 && !IsWantOfRoom(pid);
  if (pid == 0) pid = Clone(memory, with_pidfd);
  if (with_pidfd == WithPidfd::kYes && IsRefusal(pid)) pid = Clone(memory, WithPidfd::kNo);
  if (pid < 0) {
    plan->step = is_of_cgroup ? SpawnStep::kCgroup : SpawnStep::kClone;
    plan->error = pid;
    return {};
  }
  const int pidfd = plan->pidfd;
  return {.pid = pid, .pidfd = UniqueFd(pidfd >= 0 || with_pidfd == WithPidfd::kNo ? pidfd : OpenPidfd(pid))};
}

}  // namespace sigkit
