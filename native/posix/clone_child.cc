#include "posix/clone_child.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <cerrno>

#include "posix/pidfd.h"

// glibc's second name for it: a sanitizer that wraps clone(2) takes the child for a fork, with a memory of its own, and
// from then on ignores what this thread does. Null where libc has no such name.
extern "C" __attribute__((weak)) int __clone(int (*)(void*), void*, int, void*, ...);  // NOLINT(bugprone-*,cert-*)

namespace sigkit {
namespace {

// Memory for the child to run on: its calls are few, and the longest list is read in pieces of 2 KiB.
class ChildStack {
 public:
  ChildStack() : low_(mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {}
  ~ChildStack() {
    if (low_ != MAP_FAILED) munmap(low_, kBytes);
  }
  ChildStack(const ChildStack&) = delete;
  ChildStack& operator=(const ChildStack&) = delete;
  // Stacks grow downwards on every machine that sigkit knows.
  void* top() const { return low_ == MAP_FAILED ? nullptr : static_cast<char*>(low_) + kBytes; }

 private:
  static constexpr size_t kBytes = size_t{64} * 1024;
  void* const low_;
};

}  // namespace

ClonedChild CloneChild(ChildPlan* plan, WithPidfd with_pidfd) {
  const ChildStack stack;
  plan->step = SpawnStep::kClone;
  plan->error = -ENOMEM;
  if (stack.top() == nullptr) return {};
  plan->step = SpawnStep::kNone;
  plan->error = 0;
  // Kernels before 5.2 ignore CLONE_PIDFD and leave this alone.
  pid_t pidfd = -1;
  const bool wanted = with_pidfd == WithPidfd::kYes;
  const int flags = CLONE_VM | CLONE_VFORK | (wanted ? CLONE_PIDFD : 0) | SIGCHLD;
  const auto real_clone = __clone == nullptr ? clone : __clone;
  const pid_t pid = real_clone(RunChild, stack.top(), flags, plan, &pidfd);
  if (pid == -1) {
    plan->step = SpawnStep::kClone;
    plan->error = -errno;
    return {};
  }
  ClonedChild child = {.pid = pid, .pidfd = UniqueFd(pidfd >= 0 || !wanted ? pidfd : OpenPidfd(pid))};
  if (plan->error == 0) return child;
  while (waitpid(pid, nullptr, 0) == -1 && errno == EINTR) continue;
  return {};
}

}  // namespace sigkit
