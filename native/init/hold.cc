#include "init/hold.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <utility>

#include "init/own_fd.h"
#include "posix/process_stat.h"
#include "posix/signal_set.h"

namespace sigkit::init {
namespace {

// A Node program that stands between, such as npm, closes for its children what it has inherited, but stops at the
// first free number above 15 (uv_disable_stdio_inheritance()).
int MoveHigh(int fd) {
  for (const int lowest : {1000, 200, 50, 20, 3}) {
    const int moved = fcntl(fd, F_DUPFD, lowest);
    if (moved >= 0) return moved;
  }
  return -errno;
}

// The kernel closes descriptors some time before it tells the parent.
bool IsExiting(pid_t pid) {
  constexpr uint64_t kExiting = 4;  // PF_EXITING
  std::array<char, 32> path = {};
  snprintf(path.data(), path.size(), "/proc/%d/stat", pid);
  return (StatNumber(path.data(), kFlags) & kExiting) != 0;
}

int OpenArrivals() {
  const uint64_t every = SignalSet::All().bits();
  return static_cast<int>(syscall(SYS_signalfd4, -1, &every, sizeof(every), SFD_CLOEXEC | SFD_NONBLOCK));
}

}  // namespace

int Hold::Open(Time seconds) {
  std::array<int, 2> ends = {};
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == -1) return -errno;
  UniqueFd reader = OwnFd(ends[0]);
  const UniqueFd writer(ends[1]);
  const int child_end = MoveHigh(writer.get());
  struct stat about = {};
  if (child_end < 0) return child_end;
  if (reader.get() < 0 || fstat(child_end, &about) == -1) return -errno;
  snprintf(fd_variable_.data(), fd_variable_.size(), "SIGKIT_INIT_HOLD_FD=%d", child_end);
  snprintf(inode_variable_.data(), inode_variable_.size(), "SIGKIT_INIT_HOLD_INODE=%" PRIu64,
           static_cast<uint64_t>(about.st_ino));
  reader_ = std::move(reader);
  child_end_.Reset(child_end);
  arrivals_ = OwnFd(OpenArrivals());
  deadline_ = Now() + seconds;
  holds_ = true;
  return 0;
}

void Hold::Wait(Time until, bool has_room) {
  const bool is_told = has_room && arrivals_.get() >= 0;
  std::array<pollfd, 2> files = {{{reader_.get(), POLLIN, 0}, {arrivals_.get(), POLLIN, 0}}};
  const Time look_again = is_told ? kNever : Now() + kSecond / 100;
  const timespec left = TimeUntil(std::min({until, deadline_, look_again}));
  ppoll(files.data(), is_told ? 2 : 1, &left, nullptr);
}

bool Hold::Ends(pid_t child) {
  pollfd file = {reader_.get(), POLLIN, 0};
  if (Now() < deadline_) {
    if (poll(&file, 1, 0) <= 0) return false;
    if ((file.revents & POLLIN) == 0 && IsExiting(child)) {
      reader_.Reset();
      return false;
    }
  }
  holds_ = false;
  arrivals_.Reset();
  return true;
}

}  // namespace sigkit::init
