#include "posix/clone_cgroup.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace sigkit {
namespace {

constexpr long kClone3 = 435;
constexpr uint64_t kIntoCgroup = 0x200000000;  // CLONE_INTO_CGROUP

// struct clone_args of kernel 5.7; older headers have none.
struct CloneArguments {
  alignas(8) uint64_t flags;
  uint64_t pidfd;
  uint64_t child_tid;
  uint64_t parent_tid;
  uint64_t exit_signal;
  uint64_t stack;
  uint64_t stack_size;
  uint64_t tls;
  uint64_t set_tid;
  uint64_t set_tid_size;
  uint64_t cgroup;
};

uint64_t Address(const void* pointer) { return reinterpret_cast<uintptr_t>(pointer); }

// No libc has a function for it. The child must not come back here: these are the frames of its parent.
#if defined(__x86_64__)

long Clone3(const CloneArguments* arguments, ChildPlan* plan) {
  // NOLINTNEXTLINE(misc-const-correctness): the assembly writes it
  long result = kClone3;
  __asm__ volatile(
      "syscall\n\t"
      "test %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "mov %[plan], %%rdi\n\t"
      "call *%[run]\n\t"
      "hlt\n"
      "1:"
      : "+a"(result)
      : "D"(arguments), "S"(sizeof(*arguments)), [plan] "r"(plan), [run] "r"(RunChild)
      : "rcx", "r11", "memory");
  return result;
}

#elif defined(__aarch64__)

long Clone3(const CloneArguments* arguments, ChildPlan* plan) {
  register long number __asm__("x8") = kClone3;
  register uint64_t result __asm__("x0") = Address(arguments);
  register uint64_t size __asm__("x1") = sizeof(*arguments);
  __asm__ volatile(
      "svc #0\n\t"
      "cbnz x0, 1f\n\t"
      "mov x0, %[plan]\n\t"
      "blr %[run]\n\t"
      "brk #1\n"
      "1:"
      : "+r"(result)
      : "r"(number), "r"(size), [plan] "r"(plan), [run] "r"(RunChild)
      : "memory");
  return static_cast<long>(result);
}

#else

long Clone3(const CloneArguments*, ChildPlan*) { return -ENOSYS; }

#endif

}  // namespace

pid_t CloneIntoCgroup(ChildPlan* plan, uint64_t flags, void* stack, size_t stack_size) {
  CloneArguments arguments = {};
  arguments.flags = flags | kIntoCgroup;
  arguments.pidfd = Address(&plan->pidfd);
  arguments.parent_tid = Address(&plan->pid);
  arguments.exit_signal = SIGCHLD;
  arguments.stack = Address(stack);
  arguments.stack_size = stack_size;
  arguments.cgroup = static_cast<uint64_t>(plan->request->cgroup);
  return static_cast<pid_t>(Clone3(&arguments, plan));
}

__attribute__((no_sanitize("thread", "address", "undefined"))) int EnterCgroup(int cgroup) {
  const long file = syscall(SYS_openat, cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC);
  const long written = file == -1 ? -1 : syscall(SYS_write, file, "0", 1);
  const int error = written == 1 ? 0 : -errno;
  if (file != -1) syscall(SYS_close, file);
  return error;
}

}  // namespace sigkit
