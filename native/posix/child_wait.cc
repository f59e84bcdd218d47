#include "posix/child_wait.h"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "posix/child_list.h"

namespace sigkit {
namespace {

constexpr int kPidfd = 3;          // P_PIDFD
constexpr int kCoreDumped = 0x80;  // glibc's WCOREFLAG

// As wait4(2) would encode it.
int StatusOf(const siginfo_t& info) {
  switch (info.si_code) {
    case CLD_EXITED:
      return (info.si_status & 0xff) << 8;
    case CLD_DUMPED:
      return info.si_status | kCoreDumped;
    case CLD_CONTINUED:
      return 0xffff;
    case CLD_STOPPED:
    case CLD_TRAPPED:
      return info.si_status << 8 | 0x7f;
    default:
      return info.si_status;
  }
}

// libc's waitid(3) leaves the fifth argument out.
int WaitId(int kind, int id, int options, ChildState* state) {
  siginfo_t info = {};
  if (syscall(SYS_waitid, kind, id, &info, options | WNOHANG, &state->usage) == -1) return -errno;
  if (info.si_pid == 0) return 0;
  state->status = StatusOf(info);
  return info.si_pid;
}

}  // namespace

int TakeChildState(pid_t pid, int flags, ChildState* state) {
  const pid_t taken = wait4(pid, &state->status, WNOHANG | flags, &state->usage);
  return taken == -1 ? -errno : taken;
}

int TakeStoppedOrContinued(pid_t pid, bool stopped, bool continued, ChildState* state) {
  const int options = (stopped ? WSTOPPED : 0) | (continued ? WCONTINUED : 0);
  return options == 0 ? 0 : WaitId(P_PID, pid, options, state);
}

int PeekChildExit(pid_t pid, ChildState* state) { return WaitId(P_PID, pid, WEXITED | WNOWAIT, state); }

int PeekPidfdExit(int pidfd, ChildState* state) { return WaitId(kPidfd, pidfd, WEXITED | WNOWAIT, state); }

void ReapChild(pid_t pid) {
  while (waitpid(pid, nullptr, 0) == -1 && errno == EINTR) continue;
}

int PeekStopped(int pidfd, pid_t pid) {
  ChildState state;
  return pid > 0 ? WaitId(P_PID, pid, WSTOPPED | WNOWAIT, &state) : WaitId(kPidfd, pidfd, WSTOPPED | WNOWAIT, &state);
}

int ListZombies(pid_t tid, const std::vector<pid_t>& known, std::vector<pid_t>* zombies) {
  return ForEachChild(tid, [&](pid_t pid) {
    if (std::binary_search(known.begin(), known.end(), pid)) return;
    ChildState state;
    if (PeekChildExit(pid, &state) > 0) zombies->push_back(pid);
  });
}

}  // namespace sigkit
