#include "init/entry.h"

#include <cstdint>

// rt_sigprocmask(SIG_BLOCK, everything, &original_mask, 8), then libc's own start with the registers that it expects
// from the kernel.
extern "C" {
__attribute__((visibility("hidden"), used)) extern const uint64_t sigkit_every_signal = ~uint64_t{0};
__attribute__((visibility("hidden"), used)) uint64_t sigkit_original_mask = 0;
}

#if defined(__x86_64__)
asm(R"(
.pushsection .text
.globl sigkit_init_entry
.type sigkit_init_entry, @function
sigkit_init_entry:
  movq %rdx, %r8
  xorl %edi, %edi
  leaq sigkit_every_signal(%rip), %rsi
  leaq sigkit_original_mask(%rip), %rdx
  movl $8, %r10d
  movl $14, %eax
  syscall
  movq %r8, %rdx
  jmp _start
.size sigkit_init_entry, . - sigkit_init_entry
.popsection
)");
#elif defined(__aarch64__)
asm(R"(
.pushsection .text
.globl sigkit_init_entry
.type sigkit_init_entry, %function
sigkit_init_entry:
  mov x19, x0
  mov x0, #0
  adrp x1, sigkit_every_signal
  add x1, x1, :lo12:sigkit_every_signal
  adrp x2, sigkit_original_mask
  add x2, x2, :lo12:sigkit_original_mask
  mov x3, #8
  mov x8, #135
  svc #0
  mov x0, x19
  b _start
.size sigkit_init_entry, . - sigkit_init_entry
.popsection
)");
#endif

namespace sigkit::init {

SignalSet OriginalMask() { return SignalSet(sigkit_original_mask); }

}  // namespace sigkit::init
