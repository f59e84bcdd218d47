#ifndef SIGKIT_POSIX_ORPHANS_H_
#define SIGKIT_POSIX_ORPHANS_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "posix/child_wait.h"

namespace sigkit {

// A zombie as it stood in the list of a thread's children.
struct NotedZombie {
  pid_t pid;
  // In clock ticks since boot; 0: not asked. That of one in many will do: see TakeOrphans.
  uint64_t start_time;
};

struct TakenOrphan {
  pid_t pid;
  std::string name;
  int64_t group;
  int64_t session;
  ChildState state;
};

// Reaps those of these, in the order in which the list had them, that are the same still: not reaped meanwhile, with
// the number in use again. The kernel adds to the end of the list, so whoever stands before one that is known by its
// start time to be the same, and did so then, is the same as well. The others are left. Returns 0 or a negative errno.
int TakeOrphans(pid_t tid, const std::vector<NotedZombie>& noted, std::vector<TakenOrphan>* taken);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_ORPHANS_H_
