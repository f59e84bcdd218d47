#include "posix/held_group.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "posix/own_proc.h"
#include "posix/process_stat.h"

namespace sigkit {
namespace {

constexpr unsigned kWholeGroup = 4;  // PIDFD_SIGNAL_PROCESS_GROUP, kernel 6.9

int SendByPidfd(int pidfd, int signo, unsigned flags) {
  return syscall(SYS_pidfd_send_signal, pidfd, signo, nullptr, flags) == 0 ? 0 : -errno;
}

bool HasStartedThen(pid_t pid, uint64_t start_time) {
  if (start_time == 0 || CheckOwnProc() < 0) return false;
  std::array<char, 32> path;
  snprintf(path.data(), path.size(), "/proc/%d/stat", pid);
  return StatNumber(path.data(), kStartTime) == start_time;
}

// Not reaped: a zombie keeps its number, and its group's.
bool IsThere(const HeldGroup& group) {
  const int asked = group.pidfd >= 0 ? SendByPidfd(group.pidfd, 0, 0) : -EPERM;
  // A sandbox says so of every process; another user's process does, too.
  if (asked == -EPERM || asked == -ENOSYS) return HasStartedThen(group.witness, group.start_time);
  return asked == 0;
}

}  // namespace

int SignalGroup(const HeldGroup& group, int signo) {
  int sent = -EINVAL;
  // A leader's pidfd stands for its group when the leader has been reaped, too: the kernel holds the identity, not the
  // number.
  if (group.pidfd >= 0 && group.witness == group.pgid) sent = SendByPidfd(group.pidfd, signo, kWholeGroup);
  if (sent == 0 || sent == -ESRCH) return sent;
  if (group.witness > 0 && IsThere(group) && getpgid(group.witness) == group.pgid)
    return kill(-group.pgid, signo) == 0 ? 0 : -errno;
  return kill(-group.pgid, 0) == -1 && errno == ESRCH ? -ESRCH : -ESTALE;
}

}  // namespace sigkit
