#include "posix/syscalls.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#if !defined(__x86_64__) && !defined(__aarch64__)
#error "sigkit knows the sigaction layout and the signal numbers of x86_64 and aarch64 only"
#endif

namespace sigkit {
namespace {

// What a handler calls is not instrumented: it can interrupt a thread whose sanitizer state does not exist yet, or no
// more.
constexpr size_t kSetBytes = sizeof(uint64_t);

__attribute__((no_sanitize("thread", "address", "undefined"))) int Result(long returned) {
  return returned == -1 ? -errno : static_cast<int>(returned);
}

#if defined(__x86_64__)
// x86_64 requires SA_RESTORER; unwinders and debuggers know a signal frame by exactly these bytes (sigreturn(2)).
constexpr unsigned long kRestorerFlag = 0x04000000;
extern "C" void sigkit_restore_rt();
asm(R"(
.pushsection .text
.balign 16
.type sigkit_restore_rt, @function
.hidden sigkit_restore_rt
sigkit_restore_rt:
  movq $15, %rax
  syscall
.size sigkit_restore_rt, . - sigkit_restore_rt
.popsection
)");
#endif

}  // namespace

KernelSigaction HandlerAction(Handler handler, unsigned long flags, SignalSet mask) {
  KernelSigaction action;
  action.handler = reinterpret_cast<void*>(handler);
  action.flags = flags | SA_SIGINFO;
#if defined(__x86_64__)
  action.flags |= kRestorerFlag;
  action.restorer = sigkit_restore_rt;
#endif
  action.mask = mask.bits();
  return action;
}

__attribute__((no_sanitize("thread", "address", "undefined"))) KernelSigaction DefaultAction() {
  return KernelSigaction{};
}

KernelSigaction IgnoreAction() {
  KernelSigaction action;
  action.handler = reinterpret_cast<void*>(SIG_IGN);
  return action;
}

__attribute__((no_sanitize("thread", "address", "undefined"))) bool IsDefault(const KernelSigaction& action) {
  return action.handler == reinterpret_cast<void*>(SIG_DFL);
}

__attribute__((no_sanitize("thread", "address", "undefined"))) bool IsIgnore(const KernelSigaction& action) {
  return action.handler == reinterpret_cast<void*>(SIG_IGN);
}

__attribute__((no_sanitize("thread", "address", "undefined"))) void RunHandler(const KernelSigaction& action, int signo,
                                                                               siginfo_t* info, void* context) {
  if ((action.flags & SA_SIGINFO) != 0) return reinterpret_cast<Handler>(action.handler)(signo, info, context);
  reinterpret_cast<void (*)(int)>(action.handler)(signo);
}

bool SameAction(const KernelSigaction& one, const KernelSigaction& other) {
  return one.handler == other.handler && one.flags == other.flags && one.mask == other.mask;
}

int ReadMask(SignalSet* current) { return ChangeMask(MaskHow::kBlock, SignalSet(), current); }

__attribute__((no_sanitize("thread", "address", "undefined"))) int ChangeMask(MaskHow how, SignalSet set,
                                                                              SignalSet* previous) {
  const uint64_t bits = set.bits();
  uint64_t old = 0;
  const int result = Result(syscall(SYS_rt_sigprocmask, static_cast<int>(how), &bits, &old, kSetBytes));
  if (previous != nullptr) *previous = SignalSet(old);
  return result;
}

__attribute__((no_sanitize("thread", "address", "undefined"))) int ReadAction(int signo, KernelSigaction* current) {
  return Result(syscall(SYS_rt_sigaction, signo, nullptr, current, kSetBytes));
}

__attribute__((no_sanitize("thread", "address", "undefined"))) int ChangeAction(int signo,
                                                                                const KernelSigaction& action,
                                                                                KernelSigaction* previous) {
  return Result(syscall(SYS_rt_sigaction, signo, &action, previous, kSetBytes));
}

int PendingSignals(SignalSet* pending) {
  uint64_t bits = 0;
  const int result = Result(syscall(SYS_rt_sigpending, &bits, kSetBytes));
  *pending = SignalSet(bits);
  return result;
}

__attribute__((no_sanitize("thread", "address", "undefined"))) int TimedWait(SignalSet set, siginfo_t* info,
                                                                             const timespec* timeout) {
  const uint64_t bits = set.bits();
  return Result(syscall(SYS_rt_sigtimedwait, &bits, info, timeout, kSetBytes));
}

__attribute__((no_sanitize("thread", "address", "undefined"))) pid_t ThreadId() {
  return static_cast<pid_t>(syscall(SYS_gettid));
}

__attribute__((no_sanitize("thread", "address", "undefined"))) int SendToThread(pid_t tid, int signo) {
  return Result(syscall(SYS_tgkill, getpid(), tid, signo));
}

}  // namespace sigkit
