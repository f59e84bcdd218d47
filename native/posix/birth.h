#ifndef SIGKIT_POSIX_BIRTH_H_
#define SIGKIT_POSIX_BIRTH_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "posix/clone_child.h"
#include "posix/spawn_request.h"
#include "posix/unique_fd.h"

namespace sigkit {

struct BirthError {
  int error = 0;  // a negative errno; 0: none
  SpawnStep step = SpawnStep::kNone;
};

// One child on its way from clone(2) to execve(2), and all memory that it uses until then. One thread is its parent and
// runs it, another waits for it. The child can be stopped half-born, and with it the parent's clone(2): then the one
// who waits takes the child over, and goes on without the parent.
class Birth {
 public:
  explicit Birth(SpawnRequest request);
  Birth(const Birth&) = delete;
  Birth& operator=(const Birth&) = delete;

  // In the parent. That thread must block all signals, and last as long as its children are to live: parent-death
  // signals are tied to it. A child that has failed is reaped, unless it has been taken over.
  void Run();
  // Then: whoever waits for it goes on.
  void Announce();

  // In the one who waits: until it is born or has failed, or is stopped, and then taken over.
  void Await();

  // After Await. 0: there is none, and error() says why.
  pid_t pid() const { return pid_; }
  bool is_taken_over() const { return __atomic_load_n(&state_, __ATOMIC_ACQUIRE) == kTakenOver; }
  UniqueFd TakePidfd() { return std::move(pidfd_); }
  // Of one that has been taken over: final once it has exited.
  BirthError error() const;

 private:
  enum State : uint32_t { kUnderway, kEnding, kDone, kTakenOver };
  bool TakeOverIfStopped();

  const SpawnRequest request_;
  std::vector<char*> files_;
  std::vector<char*> arguments_;
  std::vector<char*> environment_;
  std::vector<int> descriptors_;
  std::optional<ChildMemory> memory_;
  pid_t pid_ = 0;
  UniqueFd pidfd_;
  uint32_t state_ = kUnderway;  // futex word
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_BIRTH_H_
