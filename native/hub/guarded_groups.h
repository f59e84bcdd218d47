#ifndef SIGKIT_HUB_GUARDED_GROUPS_H_
#define SIGKIT_HUB_GUARDED_GROUPS_H_

#include <array>
#include <cstddef>

#include "posix/held_group.h"
#include "posix/owned_fd.h"

namespace sigkit {

// The groups that end with the process. Its owner locks.
class GuardedGroups {
 public:
  static constexpr size_t kLimit = 256;

  // The pidfd is copied. Returns 0 or a negative errno, -ENOSPC if there is no room.
  int Add(const HeldGroup& group);
  void Remove(pid_t pgid);
  void Clear();
  // Allocates nothing.
  void Kill() const;

 private:
  struct Entry {
    HeldGroup group;
    OwnedFd pidfd;
  };

  std::array<Entry, kLimit> entries_;
  size_t count_ = 0;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_GUARDED_GROUPS_H_
