#include "posix/context_mask.h"

#include <ucontext.h>

namespace sigkit {

// Called by handlers, as all here: see syscalls.cc.
__attribute__((no_sanitize("thread", "address", "undefined"))) SignalSet ContextMask(const void* context) {
  uint64_t bits = 0;
  __builtin_memcpy(&bits, &static_cast<const ucontext_t*>(context)->uc_sigmask, sizeof(bits));
  return SignalSet(bits);
}

__attribute__((no_sanitize("thread", "address", "undefined"))) void SetContextMask(void* context, SignalSet mask) {
  const uint64_t bits = mask.bits();
  __builtin_memcpy(&static_cast<ucontext_t*>(context)->uc_sigmask, &bits, sizeof(bits));
}

__attribute__((no_sanitize("thread", "address", "undefined"))) void RunDisplaced(KernelSigaction& action, int signo,
                                                                                 siginfo_t* info, void* context) {
  const KernelSigaction now = action;
  if ((now.flags & SA_RESETHAND) != 0) action = DefaultAction();
  uint64_t mask = ContextMask(context).bits() | now.mask;
  if ((now.flags & SA_NODEFER) == 0) mask |= uint64_t{1} << (signo - 1);
  SignalSet own;
  ChangeMask(MaskHow::kSet, SignalSet(mask), &own);
  if ((now.flags & SA_SIGINFO) != 0) {
    reinterpret_cast<Handler>(now.handler)(signo, info, context);
  } else {
    reinterpret_cast<void (*)(int)>(now.handler)(signo);
  }
  ChangeMask(MaskHow::kSet, own, nullptr);
}

}  // namespace sigkit
