#ifndef SIGKIT_POSIX_UNWIND_TABLE_H_
#define SIGKIT_POSIX_UNWIND_TABLE_H_

#include <cstdint>

#include "posix/loaded_code.h"
#include "posix/stack_sample.h"

namespace sigkit {

// How the caller's registers are found from those of a function, at one place in it: a row of the call frame
// information that compilers leave in .eh_frame for exceptions (DWARF 4, 6.4; LSB 5, 10.6).
struct UnwindRow {
  enum Rule : uint8_t { kSame, kUndefined, kAt, kIs, kCopy, kAtExpression, kIsExpression };
  struct Place {
    Rule rule = kSame;
    int64_t value = 0;  // an offset from the frame's address, a register, or the address of an expression
  };
  Place registers[Registers::kCount];
  Place frame;  // kAt of a register: `frame_register` + value; or kIsExpression
  uint64_t frame_register = 0;
  uint64_t return_register = 0;
  bool is_signal_frame = false;
  Extent tables = {};  // with the expressions
};

// False where there is none, or in an encoding that compilers do not use here.
bool FindUnwindRow(const LoadedCode& code, uintptr_t address, UnwindRow* row);

// Computes what DWARF writes as a program, in the tables of the row. False: it reads outside the sample, or is beyond
// this.
bool Evaluate(const UnwindRow& row, const UnwindRow::Place& expression, const Registers& registers,
              const StackSample& sample, const uint64_t* first, uint64_t* result);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_UNWIND_TABLE_H_
