#include "init/delivery.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "init/own_fd.h"
#include "posix/child_wait.h"

namespace sigkit::init {
namespace {

// As for Birth: it takes less than a millisecond, unless the program's file system is slow.
constexpr int kFirstLookMs = 5;
constexpr int kLastLookMs = 50;

struct Pipe {
  UniqueFd reader;
  UniqueFd writer;  // the child's copy goes with its execve(2), or its end
};

Pipe OpenPipe() {
  std::array<int, 2> ends = {-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) == -1) return {.reader = UniqueFd(), .writer = UniqueFd()};
  UniqueFd reader = OwnFd(ends[0]);
  return {.reader = std::move(reader), .writer = OwnFd(ends[1])};
}

}  // namespace

ClonedChild Delivery::Try(ChildPlan* plan, WithPidfd with_pidfd) {
  plan->step = SpawnStep::kClone;
  plan->error = -ENOMEM;
  ChildPlan fresh = *plan;
  fresh.step = SpawnStep::kNone;
  fresh.error = 0;
  fresh.pid = 0;
  fresh.pidfd = -1;
  Pipe pipe = OpenPipe();
  // Without a descriptor for that it waits in clone(2).
  fresh.apart = pipe.reader.get() >= 0 && pipe.writer.get() >= 0;
  auto& memory = memory_.emplace(fresh);
  if (memory.plan() == nullptr) return {};
  ClonedChild child = CloneInto(memory, with_pidfd);
  pipe.writer.Reset();
  if (child.pid > 0 && fresh.apart) Await(pipe.reader.get(), child.pid, *memory.plan());
  *plan = *memory.plan();
  if (is_half_born_) return child;
  memory_.reset();
  if (child.pid == 0 || plan->error == 0) return child;
  ReapChild(child.pid);
  return {};
}

void Delivery::Await(int pipe, pid_t pid, ChildPlan& plan) {
  pollfd file = {pipe, 0, 0};
  for (int slice = kFirstLookMs; !is_half_born_; slice = std::min(slice * 2, kLastLookMs)) {
    if (poll(&file, 1, slice) > 0) return;
    is_half_born_ = PeekStopped(-1, pid) > 0;
  }
  __atomic_store_n(&plan.taken_over, true, __ATOMIC_RELEASE);
  // It may not have come so far; a group that is not there gets no signal.
  const SpawnRequest& request = *plan.request;
  if (!request.session && request.group != kSameGroup) setpgid(pid, request.group);
}

const ChildPlan* Delivery::failed() const {
  const ChildPlan* const plan = is_half_born_ && memory_.has_value() ? memory_->plan() : nullptr;
  return plan != nullptr && plan->error != 0 ? plan : nullptr;
}

}  // namespace sigkit::init
