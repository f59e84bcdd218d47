#include "posix/pidfd.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "posix/unique_fd.h"

namespace sigkit {
namespace {

// <linux/pidfd.h> of kernel 6.15; older headers have neither.
struct PidfdInfo {
  uint64_t mask;
  uint64_t cgroup;
  uint32_t ids[11];
  int32_t exit_code;
};
constexpr unsigned long kGetInfo = _IOWR(0xFF, 11, PidfdInfo);
constexpr uint64_t kExitInfo = 1U << 3U;

}  // namespace

int OpenPidfd(pid_t pid) {
  const long opened = syscall(SYS_pidfd_open, pid, 0);
  if (opened >= 0) return static_cast<int>(opened);
  // EINVAL, and ENOENT from kernel 6.16 on: there is such an id, but not of a process.
  return errno == EINVAL || errno == ENOENT ? -ESRCH : -errno;
}

void ExpectPidfds(int count) {
  const UniqueFd low(open("/", O_PATH | O_CLOEXEC));
  if (low.get() >= 0) const UniqueFd high(fcntl(low.get(), F_DUPFD_CLOEXEC, low.get() + count));
}

int SignalPidfd(int pidfd, int signo, std::optional<uint64_t> value) {
  siginfo_t info = {};
  info.si_signo = signo;
  info.si_code = SI_QUEUE;
  info.si_pid = getpid();
  info.si_uid = getuid();
  if (value.has_value()) memcpy(&info.si_value, &*value, sizeof(*value));
  const siginfo_t* sent = value.has_value() ? &info : nullptr;
  return syscall(SYS_pidfd_send_signal, pidfd, signo, sent, 0) == 0 ? 0 : -errno;
}

int ExitStatusOf(int pidfd, int* status) {
  PidfdInfo info = {};
  info.mask = kExitInfo;
  if (ioctl(pidfd, kGetInfo, &info) == -1) return -errno;
  if ((info.mask & kExitInfo) == 0) return -ENODATA;
  *status = info.exit_code;
  return 0;
}

}  // namespace sigkit
