#include "posix/catcher.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "posix/caught_notes.h"
#include "posix/clock.h"
#include "posix/closed_threads.h"
#include "posix/context_mask.h"
#include "posix/futex.h"
#include "posix/handler_stack.h"
#include "posix/open_threads.h"

namespace sigkit {
namespace {

constexpr int64_t kHandlerPatience = kSecond / 10;
constexpr SignalSet kStopSignals = SignalSet::Of(SIGTSTP) | SignalSet::Of(SIGTTIN) | SignalSet::Of(SIGTTOU);
constexpr SignalSet kIgnoredByDefault =
    SignalSet::Of(SIGCHLD) | SignalSet::Of(SIGCONT) | SignalSet::Of(SIGURG) | SignalSet::Of(SIGWINCH);

uint64_t armed = 0;
uint64_t held = 0;
int opens = SIGFPE;
uint32_t running = 0;  // handlers
pid_t owner = 0;
void (*ring_waiter)() = nullptr;

void OnCaught(int level, int signo, siginfo_t* info, void* context);

HandlerStack stack = HandlerStack::Of<OnCaught>();

// Async-signal-safe from here to OnCaught's end.

__attribute__((no_sanitize("thread", "address", "undefined"))) bool IsArmed(int signo) {
  return ((__atomic_load_n(&armed, __ATOMIC_ACQUIRE) >> (signo - 1)) & 1) != 0;
}

// As the kernel would have done it without us, siginfo included: a process may queue any to the calling thread
// (rt_tgsigqueueinfo(2)).
__attribute__((no_sanitize("thread", "address", "undefined"))) void SendAgain(int signo, siginfo_t* info) {
  if (syscall(SYS_rt_tgsigqueueinfo, getpid(), ThreadId(), signo, info) != 0) SendToThread(ThreadId(), signo);
}

__attribute__((no_sanitize("thread", "address", "undefined"))) void ActByDefault(int signo, siginfo_t* info) {
  KernelSigaction current;
  const bool called_by_another = ReadAction(signo, &current) == 0 && !stack.Is(current);
  // Who has displaced us keeps the signal, as far as that survives its default action.
  if (called_by_another && kIgnoredByDefault.Has(signo)) return;
  if (called_by_another && kStopSignals.Has(signo)) {
    kill(getpid(), SIGSTOP);
    return;
  }
  ChangeAction(signo, DefaultAction(), nullptr);
  SendAgain(signo, info);
}

// Nothing is claimed: somebody had saved our handler and has put it back, or still calls it.
__attribute__((no_sanitize("thread", "address", "undefined"))) void PassOn(int level, int signo, siginfo_t* info,
                                                                           void* context) {
  KernelSigaction& below = stack.Displaced(level, signo);
  if (IsIgnore(below)) return;
  if (IsDefault(below)) {
    if (signo != SIGCHLD) ActByDefault(signo, info);
    return;
  }
  RunDisplaced(below, signo, info, context);
}

__attribute__((no_sanitize("thread", "address", "undefined"))) void CloseThread(void* context) {
  if (IsOpenThread(ThreadId())) return;
  const SignalSet before = ContextMask(context);
  if (before.Has(__atomic_load_n(&opens, __ATOMIC_RELAXED)) || !NoteClosedThread(ThreadId(), before)) return;
  SetContextMask(context, before | SignalSet(__atomic_load_n(&held, __ATOMIC_ACQUIRE)));
}

__attribute__((no_sanitize("thread", "address", "undefined"))) bool Catch(int level, int signo, siginfo_t* info,
                                                                          void* context) {
  __atomic_fetch_add(&running, 1, __ATOMIC_SEQ_CST);
  const bool caught = IsArmed(signo) && stack.IsOutermost(level, signo);
  if (caught) {
    if (signo != SIGCHLD) CloseThread(context);
    NoteSignal(info);
    ring_waiter();
  }
  if (__atomic_sub_fetch(&running, 1, __ATOMIC_SEQ_CST) == 0) FutexWake(&running);
  return caught && signo != SIGCHLD;
}

__attribute__((no_sanitize("thread", "address", "undefined"))) void OnCaught(int level, int signo, siginfo_t* info,
                                                                             void* context) {
  const int saved_errno = errno;
  // First of all: what other code has forked may share this memory (vfork(2)), but none of it is its own.
  if (getpid() != owner) {
    if (signo != SIGCHLD && !IsIgnore(stack.Displaced(level, signo))) {
      ChangeAction(signo, DefaultAction(), nullptr);
      SendAgain(signo, info);
    }
  } else if (!Catch(level, signo, info, context)) {
    PassOn(level, signo, info, context);
  }
  errno = saved_errno;
}

void AwaitHandlers() {
  const Time deadline = Now() + kHandlerPatience;
  for (uint32_t now = 0; (now = __atomic_load_n(&running, __ATOMIC_SEQ_CST)) != 0 && Now() < deadline;)
    FutexWait(&running, now, kHandlerPatience / 10);
}

}  // namespace

void SetCatcherRing(void (*ring)()) { ring_waiter = ring; }

void SetCatcherMask(SignalSet signals, int opener) {
  __atomic_store_n(&opens, opener, __ATOMIC_RELAXED);
  __atomic_store_n(&held, signals.bits(), __ATOMIC_RELEASE);
}

int InstallCatcher(int signo) {
  owner = getpid();
  const unsigned long flags = signo == SIGCHLD ? SA_RESTART : SA_ONSTACK | SA_RESTART;
  const unsigned long kept = signo == SIGCHLD ? SA_ONSTACK | SA_NOCLDSTOP | SA_NOCLDWAIT | SA_NODEFER : 0;
  // Once it stands there, it catches.
  __atomic_fetch_or(&armed, SignalSet::Of(signo).bits(), __ATOMIC_SEQ_CST);
  const int error = stack.Install(signo, flags, kept);
  if (error < 0) __atomic_fetch_and(&armed, ~SignalSet::Of(signo).bits(), __ATOMIC_SEQ_CST);
  return error;
}

int RemoveCatcher(int signo) { return stack.Remove(signo); }

void DisarmCatchers(SignalSet still_armed) {
  const uint64_t before = __atomic_fetch_and(&armed, still_armed.bits(), __ATOMIC_SEQ_CST);
  if ((before & ~still_armed.bits()) != 0) AwaitHandlers();
}

bool IsCatcher(const KernelSigaction& action) { return stack.Is(action); }

KernelSigaction BelowCatcher(const KernelSigaction& catcher, int signo) { return stack.Below(catcher, signo); }

int ReplaceCatcher(int signo, const KernelSigaction& catcher, const KernelSigaction& action) {
  return stack.Replace(signo, catcher, action);
}

}  // namespace sigkit
