#include "hub/guarded_groups.h"

#include <fcntl.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace sigkit {

int GuardedGroups::Add(const HeldGroup& group) {
  if (count_ == entries_.size()) return -ENOSPC;
  UniqueFd copy;
  if (group.pidfd >= 0) copy.Reset(fcntl(group.pidfd, F_DUPFD_CLOEXEC, 0));
  if (group.pidfd >= 0 && copy.get() < 0) return -errno;
  Entry& entry = entries_[count_++];
  entry.group = group;
  entry.group.pidfd = copy.get();
  entry.pidfd.Reset(std::move(copy));
  return 0;
}

void GuardedGroups::Remove(pid_t pgid) {
  const auto end = entries_.begin() + count_;
  const auto left = std::remove_if(entries_.begin(), end, [pgid](const Entry& e) { return e.group.pgid == pgid; });
  for (auto entry = left; entry != end; ++entry) *entry = Entry();
  count_ = static_cast<size_t>(left - entries_.begin());
}

void GuardedGroups::Clear() {
  for (size_t index = 0; index < count_; ++index) entries_[index] = Entry();
  count_ = 0;
}

void GuardedGroups::Kill() const {
  for (size_t index = 0; index < count_; ++index) {
    HeldGroup group = entries_[index].group;
    // Of one that somebody has closed, the start time tells.
    if (!entries_[index].pidfd.HasOurMark()) group.pidfd = -1;
    SignalGroup(group, SIGKILL);
  }
}

}  // namespace sigkit
