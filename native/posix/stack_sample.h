#ifndef SIGKIT_POSIX_STACK_SAMPLE_H_
#define SIGKIT_POSIX_STACK_SAMPLE_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "posix/clock.h"

namespace sigkit {

// The numbers that DWARF gives to registers, and where the program counter stands beside them.
struct Registers {
  static constexpr int kCount = 33;
#ifdef __x86_64__
  static constexpr int kFrame = 6;
  static constexpr int kStack = 7;
#else
  static constexpr int kFrame = 29;
  static constexpr int kStack = 31;
#endif
  uint64_t values[kCount] = {};
  uint64_t known = 0;  // a bit for each
  uint64_t pc = 0;

  // Of a handler: see signal_set.h.
  [[gnu::always_inline]] void Set(int number, uint64_t value) {
    values[number] = value;
    known |= uint64_t{1} << number;
  }
  bool Knows(int64_t number) const { return number >= 0 && number < kCount && (known >> number & 1) != 0; }
};

// What a thread had in its registers, and the innermost part of its stack. Plain: handlers fill it in.
struct StackSample {
  static constexpr size_t kSize = size_t{64} * 1024;
  Registers registers;
  uintptr_t start = 0;
  size_t size = 0;
  uint8_t bytes[kSize];

  // False for what is not in it.
  bool Read(uintptr_t address, uint64_t* word) const;
};

// Of a thread of this process that is busy in native code, or sleeps. Who sleeps in a system call is never interrupted,
// as many calls fail with EINTR then, or do less, whatever SA_RESTART says (signal(7)): /proc has two registers of it,
// and its stack does not change. Who runs copies itself, in a handler of a signal. Null: it cannot be had, or no answer
// came in time. A sample lasts until the next, or the end of the object, which one thread has at a time.
class StackSampler {
 public:
  StackSampler();
  ~StackSampler();
  StackSampler(const StackSampler&) = delete;
  StackSampler& operator=(const StackSampler&) = delete;

  const StackSample* Take(pid_t tid, Time patience);
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_STACK_SAMPLE_H_
