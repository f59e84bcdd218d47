#ifndef SIGKIT_POSIX_UNWIND_H_
#define SIGKIT_POSIX_UNWIND_H_

#include <cstdint>
#include <vector>

#include "posix/stack_sample.h"

namespace sigkit {

// The calls that a thread was in, the innermost first: where it was, and where each returns to. By the tables that
// compilers leave for exceptions, and by frame pointers where there are none. It ends at code that belongs to no file:
// there JavaScript has called; and where one cannot tell.
std::vector<uintptr_t> Unwind(const StackSample& sample);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_UNWIND_H_
