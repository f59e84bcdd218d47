#ifndef SIGKIT_POSIX_CLONE_CHILD_H_
#define SIGKIT_POSIX_CLONE_CHILD_H_

#include <sys/types.h>

#include "posix/spawn_child.h"
#include "posix/unique_fd.h"

namespace sigkit {

struct ClonedChild {
  pid_t pid = 0;     // 0: there is none, and the plan says which step has failed
  UniqueFd pidfd{};  // none where the kernel has none
};

// Whether a pidfd is asked for together with the child, or there can be none.
enum class WithPidfd { kYes, kNo };

// Comes back when the child has executed its program, or is gone again.
ClonedChild CloneChild(ChildPlan* plan, WithPidfd with_pidfd = WithPidfd::kYes);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_CLONE_CHILD_H_
