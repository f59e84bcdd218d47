#include "posix/spawn.h"

#include <dlfcn.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "posix/pidfd.h"
#include "posix/spawn_child.h"

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

using Clone = int (*)(int (*)(void*), void*, int, void*, ...);

// glibc's second name for it, where there is one: a sanitizer that wraps clone(2) takes the child for a fork, with a
// memory of its own, and from then on ignores what this thread does.
Clone RealClone() {
  void* const real = dlsym(RTLD_DEFAULT, "__clone");
  return real == nullptr ? clone : reinterpret_cast<Clone>(real);
}

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  // execve(2) takes them as non-const, and changes nothing.
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

SpawnResult SpawnChild(const SpawnRequest& request) {
  SpawnResult result;
  const ChildStack stack;
  const std::vector<char*> files = Pointers(request.files);
  const std::vector<char*> arguments = Pointers(request.arguments);
  const std::vector<char*> environment = Pointers(request.environment);
  std::vector<int> descriptors = request.descriptors;
  ChildPlan plan = {
      .request = &request,
      .parent = getpid(),
      .files = files.data(),
      .arguments = arguments.data(),
      .environment = environment.data(),
      .directory = request.directory.has_value() ? request.directory->c_str() : nullptr,
      .descriptors = descriptors.data(),
      .descriptor_count = static_cast<int>(descriptors.size()),
      .terminal = request.terminal,
      .former_group = 0,
      .error = 0,
      .step = SpawnStep::kNone,
  };
  result.step = SpawnStep::kClone;
  if (stack.top() == nullptr) {
    result.error = -ENOMEM;
    return result;
  }
  // Kernels before 5.2 ignore CLONE_PIDFD and leave this alone.
  pid_t pidfd = -1;
  const int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
  static const Clone real_clone = RealClone();
  const pid_t pid = real_clone(RunChild, stack.top(), flags, &plan, &pidfd);
  if (pid == -1) {
    result.error = -errno;
    return result;
  }
  result.pidfd = UniqueFd(pidfd >= 0 ? pidfd : OpenPidfd(pid));
  result.pid = pid;
  result.step = plan.step;
  result.error = plan.error;
  if (plan.error == 0) return result;
  while (waitpid(pid, nullptr, 0) == -1 && errno == EINTR) continue;
  result.pid = 0;
  result.pidfd.Reset();
  return result;
}

}  // namespace sigkit
