#include "posix/signal_fd.h"

#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "posix/syscalls.h"

namespace sigkit {
namespace {

// Not libc's signalfd(): its sets quietly drop some.
int ChangeSignalFd(int fd, SignalSet signals) {
  const uint64_t bits = signals.bits();
  const long result = syscall(SYS_signalfd4, fd, &bits, sizeof(bits), SFD_NONBLOCK | SFD_CLOEXEC);
  return result < 0 ? -errno : static_cast<int>(result);
}

// The kernel leaves 0 in all members that mean nothing for the si_code, so those that share a place can be joined.
SignalRecord RecordOf(const signalfd_siginfo& info, double time_ms) {
  return SignalRecord{
      .time_ms = time_ms,
      .value = info.ssi_ptr,
      .first = static_cast<int64_t>(info.ssi_utime | info.ssi_band),
      .second = static_cast<int64_t>(info.ssi_stime),
      .signo = static_cast<int32_t>(info.ssi_signo),
      .code = info.ssi_code,
      .pid = static_cast<int32_t>(info.ssi_pid),
      .uid = info.ssi_uid,
      .third = info.ssi_status | info.ssi_fd | static_cast<int32_t>(info.ssi_tid),
      .overrun = static_cast<int32_t>(info.ssi_overrun),
      .count = 1,
      .flags = 0,
  };
}

size_t TakeOneByOne(SignalSet signals, SignalRecord* into, size_t limit) {
  constexpr timespec kNow = {0, 0};
  siginfo_t info;
  size_t count = 0;
  while (count < limit && TimedWait(signals, &info, &kNow) > 0) into[count++] = sigkit::RecordOf(info, MonotonicMs());
  return count;
}

}  // namespace

int SignalFd::Open() {
  const int fd = ChangeSignalFd(-1, watched_);
  if (fd >= 0) fd_.Reset(UniqueFd(fd));
  return fd;
}

void SignalFd::Close() {
  fd_.Reset();
  watched_ = SignalSet();
}

void SignalFd::Watch(SignalSet signals) {
  if (signals == watched_) return;
  watched_ = signals;
  if (IsOpen()) ChangeSignalFd(fd_.get(), signals);
}

size_t SignalFd::Read(SignalRecord* into, size_t limit) {
  if (watched_.Empty() || limit == 0) return 0;
  if (!IsOpen()) return TakeOneByOne(watched_, into, std::min(limit, kBatch));
  std::array<signalfd_siginfo, kBatch> infos;
  const ssize_t got = read(fd_.get(), infos.data(), std::min(limit, kBatch) * sizeof(infos[0]));
  if (got <= 0) return 0;
  const size_t count = static_cast<size_t>(got) / sizeof(infos[0]);
  const double time_ms = MonotonicMs();
  for (size_t index = 0; index < count; ++index) into[index] = RecordOf(infos[index], time_ms);
  return count;
}

}  // namespace sigkit
