#ifndef SIGKIT_POSIX_CLONE_CHILD_H_
#define SIGKIT_POSIX_CLONE_CHILD_H_

#include <sys/types.h>

#include "posix/spawn_child.h"
#include "posix/unique_fd.h"

namespace sigkit {

struct ClonedChild {
  pid_t pid = 0;     // 0: there is none, and the plan says which step has failed
  UniqueFd pidfd{};  // none where the kernel has none, or a sandbox forbids it
};

// Whether a pidfd is asked for together with the child, or there can be none.
enum class WithPidfd { kYes, kNo };

// What a child uses of its parent until it has executed its program: the stack that it runs on, and its copy of the
// plan, in which its answer stands also where no other memory is shared.
class ChildMemory {
 public:
  explicit ChildMemory(const ChildPlan& plan);
  ~ChildMemory();
  ChildMemory(const ChildMemory&) = delete;
  ChildMemory& operator=(const ChildMemory&) = delete;

  // Null: there was no memory.
  ChildPlan* plan() const { return plan_; }
  // Its low end, where the plan is too, and its high end.
  void* stack() const { return low_; }
  void* stack_top() const;

 private:
  void* const low_;
  ChildPlan* plan_ = nullptr;
};

// Comes back when the child has executed its program, or has exited with its error in the memory's plan; not while it
// is stopped in between. Where the plan says `apart`: at once. Who it is stands in the plan as soon as it is there.
// Reaps nothing.
ClonedChild CloneInto(const ChildMemory& memory, WithPidfd with_pidfd);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_CLONE_CHILD_H_
