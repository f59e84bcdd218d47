#ifndef SIGKIT_POSIX_HELD_GROUP_H_
#define SIGKIT_POSIX_HELD_GROUP_H_

#include <sys/types.h>

#include <cstdint>

namespace sigkit {

// One process group, and not another one that has got its number since. The kernel gives a group's number to nobody as
// long as it has a member; the witness is a process that shows that this is so.
struct HeldGroup {
  pid_t pgid = 0;
  pid_t witness = 0;        // the leader, if it was still there, else a member
  uint64_t start_time = 0;  // of the witness, by /proc/PID/stat; 0 where that is not known
  int pidfd = -1;           // of the witness; -1 where there can be none
};

// Returns 0 or a negative errno: -ESRCH if the group is empty, -ESTALE if the witness has been reaped and nobody can
// tell whose the number is now. Signal 0 only asks. Async-signal-safe.
int SignalGroup(const HeldGroup& group, int signo);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_HELD_GROUP_H_
