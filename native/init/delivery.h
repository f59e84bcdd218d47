#ifndef SIGKIT_INIT_DELIVERY_H_
#define SIGKIT_INIT_DELIVERY_H_

#include <optional>

#include "posix/clone_child.h"

namespace sigkit::init {

// A child on its way from clone(2) to execve(2). Until it is there it can be stopped: by SIGSTOP, and by the terminal
// once its mask is open. Init must not wait for that in clone(2), as it could neither stop with its child nor continue
// or end it.
class Delivery {
 public:
  // Comes back when the child has executed its program, or is stopped before. One that has failed is reaped; then there
  // is none, and `plan` says why.
  ClonedChild Try(ChildPlan* plan, WithPidfd with_pidfd = WithPidfd::kYes);

  // Whether it was stopped then. What is sent to it counts from then on.
  bool is_half_born() const { return is_half_born_; }
  // Of such a one that has ended: as it is now. Null: it had executed its program.
  const ChildPlan* failed() const;

 private:
  void Await(int pipe, pid_t pid, ChildPlan& plan);

  std::optional<ChildMemory> memory_;
  bool is_half_born_ = false;
};

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_DELIVERY_H_
