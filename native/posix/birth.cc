#include "posix/birth.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "posix/child_wait.h"
#include "posix/futex.h"
#include "posix/pidfd.h"
#include "posix/pointers.h"

namespace sigkit {
namespace {

// A birth takes less than a millisecond, unless the program's file system is slow or the child is stopped. Nothing
// announces a stop but SIGCHLD, which is libuv's.
constexpr int64_t kFirstLook = 5'000'000;
constexpr int64_t kLastLook = 50'000'000;

bool Exchange(uint32_t* word, uint32_t from, uint32_t to) {
  return __atomic_compare_exchange_n(word, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

}  // namespace

Birth::Birth(SpawnRequest request)
    : request_(std::move(request)),
      files_(Pointers(request_.files)),
      arguments_(Pointers(request_.arguments)),
      environment_(Pointers(request_.environment)),
      descriptors_(request_.descriptors) {
  memory_.emplace(ChildPlan{
      .request = &request_,
      .parent = getpid(),
      .files = files_.data(),
      .arguments = arguments_.data(),
      .environment = environment_.data(),
      .directory = request_.directory.has_value() ? request_.directory->c_str() : nullptr,
      .descriptors = descriptors_.data(),
      .descriptor_count = static_cast<int>(descriptors_.size()),
      .terminal = request_.terminal,
      .former_group = 0,
      .in_own_group = nullptr,
      .in_own_group_argument = nullptr,
      .apart = false,
      .error = 0,
      .step = SpawnStep::kNone,
      .tried = nullptr,
      .pid = 0,
      .pidfd = -1,
      .taken_over = false,
  });
}

void Birth::Run() {
  if (!memory_.has_value()) return;
  ClonedChild child = CloneInto(*memory_, WithPidfd::kYes);
  // Taken over: whoever waits for the child will find how it went.
  if (!Exchange(&state_, kUnderway, kEnding)) return;
  if (child.pid != 0 && error().error != 0) {
    ReapChild(child.pid);
  } else {
    pid_ = child.pid;
    pidfd_ = std::move(child.pidfd);
  }
}

void Birth::Announce() {
  if (Exchange(&state_, kEnding, kDone)) FutexWake(&state_);
}

void Birth::Await() {
  int64_t slice = kFirstLook;
  for (;;) {
    const uint32_t state = __atomic_load_n(&state_, __ATOMIC_ACQUIRE);
    if (state == kDone || state == kTakenOver) return;
    FutexWait(&state_, state, slice);
    if (__atomic_load_n(&state_, __ATOMIC_ACQUIRE) == kUnderway && TakeOverIfStopped()) return;
    slice = std::min(slice * 2, kLastLook);
  }
}

bool Birth::TakeOverIfStopped() {
  const ChildPlan* plan = memory_.has_value() ? memory_->plan() : nullptr;
  if (plan == nullptr) return false;
  const pid_t known = __atomic_load_n(&plan->pid, __ATOMIC_RELAXED);
  const int pidfd = __atomic_load_n(&plan->pidfd, __ATOMIC_RELAXED);
  const pid_t stopped = known > 0 || pidfd >= 0 ? PeekStopped(pidfd, known) : 0;
  if (stopped <= 0 || !Exchange(&state_, kUnderway, kTakenOver)) return false;
  pid_ = stopped;
  // The parent closes its own. Nobody but us reaps this child, so the number is still its.
  pidfd_.Reset(OpenPidfd(stopped));
  // The child may not have come so far; who sends to its group cannot know.
  if (!request_.session && request_.group != kSameGroup) setpgid(stopped, request_.group);
  return true;
}

BirthError Birth::error() const {
  const ChildPlan* plan = memory_.has_value() ? memory_->plan() : nullptr;
  if (plan == nullptr) return {.error = -ENOMEM, .step = SpawnStep::kClone};
  const int error = __atomic_load_n(&plan->error, __ATOMIC_ACQUIRE);
  return {.error = error, .step = error == 0 ? SpawnStep::kNone : plan->step};
}

}  // namespace sigkit
