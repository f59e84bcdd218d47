#ifndef SIGKIT_POSIX_SYSCALLS_H_
#define SIGKIT_POSIX_SYSCALLS_H_

#include <signal.h>
#include <sys/types.h>
#include <time.h>

#include <cstdint>

#include "posix/signal_set.h"

// The signal system calls themselves, not libc's: the kernel's 64-bit sets, no hidden rules for libc's own, and no
// interposition (a sanitizer that wraps sigaction would defer our handler and hand it a copy of the ucontext).
// Each returns 0 (or what its comment says) or a negative errno. All are async-signal-safe.

namespace sigkit {

enum class MaskHow { kBlock = 0, kUnblock = 1, kSet = 2 };

// What rt_sigaction(2) takes, in the kernel's own layout.
struct KernelSigaction {
  void* handler = nullptr;
  unsigned long flags = 0;
  void (*restorer)() = nullptr;
  uint64_t mask = 0;
};

using Handler = void (*)(int, siginfo_t*, void*);

KernelSigaction HandlerAction(Handler handler, unsigned long flags, SignalSet mask);
KernelSigaction DefaultAction();
KernelSigaction IgnoreAction();
bool IsDefault(const KernelSigaction& action);
bool IsIgnore(const KernelSigaction& action);
// Not by the handler alone: a library that stands in front of sigaction(3) may have one for all.
bool SameAction(const KernelSigaction& one, const KernelSigaction& other);
// Runs a handler that another one has displaced; not for SIG_DFL and SIG_IGN.
void RunHandler(const KernelSigaction& action, int signo, siginfo_t* info, void* context);

int ReadMask(SignalSet* current);
int ChangeMask(MaskHow how, SignalSet set, SignalSet* previous);
int ReadAction(int signo, KernelSigaction* current);
int ChangeAction(int signo, const KernelSigaction& action, KernelSigaction* previous);
int PendingSignals(SignalSet* pending);
// Returns the signal number; without a time-out waits for ever, EINTR included in the errors.
int TimedWait(SignalSet set, siginfo_t* info, const timespec* timeout);
pid_t ThreadId();
int SendToThread(pid_t tid, int signo);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_SYSCALLS_H_
