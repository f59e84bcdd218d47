#ifndef SIGKIT_POSIX_CHILD_CALLS_H_
#define SIGKIT_POSIX_CHILD_CALLS_H_

#include <unistd.h>

#include <cerrno>

#include "posix/spawn_child.h"

namespace sigkit {

// A sanitizer counts the calls of a thread, and those that never return in the memory that is shared with the parent
// would stay counted there. So none of what a half-born child runs is instrumented, and each system call is bare.
template <typename... Arguments>
__attribute__((no_sanitize("thread", "address", "undefined"))) long Call(long number, Arguments... arguments) {
  const long returned = syscall(number, arguments...);
  return returned == -1 ? -errno : returned;
}

// Ends the child with its answer in the plan if the result is a negative errno.
void Check(ChildPlan& plan, SpawnStep step, long result);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_CHILD_CALLS_H_
