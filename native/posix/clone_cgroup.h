#ifndef SIGKIT_POSIX_CLONE_CGROUP_H_
#define SIGKIT_POSIX_CLONE_CGROUP_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "posix/spawn_child.h"

namespace sigkit {

// clone3(2) with the child in the cgroup of its request from the start (kernel 5.7): its pid, or a negative errno.
// `flags` are those of clone(2) without the signal. The child runs on the stack that begins, at its low end, at
// `stack`.
pid_t CloneIntoCgroup(ChildPlan* plan, uint64_t flags, void* stack, size_t stack_size);

// For a child that was not born there: in the child, with the rights of its parent. 0 or a negative errno.
int EnterCgroup(int cgroup);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_CLONE_CGROUP_H_
