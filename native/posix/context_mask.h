#ifndef SIGKIT_POSIX_CONTEXT_MASK_H_
#define SIGKIT_POSIX_CONTEXT_MASK_H_

#include "posix/signal_set.h"
#include "posix/syscalls.h"

namespace sigkit {

// What a handler does with the context that it is handed. All are async-signal-safe.

// What the interrupted thread blocks once the handler returns: sigreturn(2) puts it back, and uses the first 64 bits.
SignalSet ContextMask(const void* context);
void SetContextMask(void* context, SignalSet mask);

// Runs a handler that ours has displaced as the kernel would have run it: with its mask, SA_NODEFER and SA_RESETHAND.
// Not for SIG_DFL and SIG_IGN.
void RunDisplaced(KernelSigaction& action, int signo, siginfo_t* info, void* context);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_CONTEXT_MASK_H_
