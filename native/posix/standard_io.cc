#include "posix/standard_io.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "posix/clock.h"

namespace sigkit {
namespace {

int OpenPipe(int wanted, UniqueFd* ours, UniqueFd* childs) {
  std::array<int, 2> ends;
  const bool duplex = wanted == kBothWays;
  const int made =
      duplex ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) : pipe2(ends.data(), O_CLOEXEC);
  if (made == -1) return -errno;
  UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  const bool child_reads = wanted == kChildReads;
  *childs = std::move(child_reads ? reading : writing);
  *ours = std::move(child_reads ? writing : reading);
  return 0;
}

// The same pipe with flags of its own: O_NONBLOCK belongs to the open file description (fcntl(2)), and so to everybody
// who shares it. A negative errno where that cannot be had: without /proc, or of another user's pipe.
int ReopenPipe(int fd, int flags, UniqueFd* reopened) {
  struct statfs filesystem = {};
  if (fstatfs(fd, &filesystem) == -1) return -errno;
  // To open one that has a name, a FIFO, can mean to wait for the other side (fifo(7)).
  if (filesystem.f_type != PIPEFS_MAGIC) return -ENOTSUP;
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  reopened->Reset(open(path.c_str(), (flags & O_ACCMODE) | O_CLOEXEC));
  return reopened->get() < 0 ? -errno : 0;
}

// Programs that expect no EAGAIN of their standard streams get what libuv's children get.
int MakeBlocking(int source, StandardIo* made) {
  const int flags = fcntl(source, F_GETFL);
  if (flags == -1 || (flags & O_NONBLOCK) == 0) return source;
  UniqueFd reopened;
  if (ReopenPipe(source, flags, &reopened) == 0) {
    made->owned.push_back(std::move(reopened));
    return made->owned.back().get();
  }
  fcntl(source, F_SETFL, flags & ~O_NONBLOCK);
  return source;
}

}  // namespace

int CheckDescriptors(const std::vector<int>& wanted) {
  for (const int source : wanted) {
    if (source >= 0 && fcntl(source, F_GETFD) == -1) return -errno;
  }
  return 0;
}

int OpenStandardIo(const std::vector<int>& wanted, StandardIo* made) {
  for (const int source : wanted) {
    const bool inherited = source >= 0 && made->child.size() <= STDERR_FILENO;
    UniqueFd childs;
    if (source >= 0) {
      made->child.push_back(inherited ? MakeBlocking(source, made) : source);
      continue;
    }
    if (source == kNullDevice) {
      childs.Reset(open("/dev/null", O_RDWR | O_CLOEXEC));
      if (childs.get() < 0) return -errno;
    } else {
      UniqueFd ours;
      const int error = OpenPipe(source, &ours, &childs);
      if (error < 0) return error;
      made->ours.push_back(std::move(ours));
    }
    made->child.push_back(childs.get());
    made->owned.push_back(std::move(childs));
  }
  return 0;
}

int UnreadBytes(int fd) {
  int count = 0;
  return ioctl(fd, FIONREAD, &count) == -1 ? -errno : count;
}

int AwaitReadable(int fd, int milliseconds) {
  const Time end = Now() + milliseconds * kMillisecond;
  for (;;) {
    pollfd file = {fd, POLLIN, 0};
    const int ready = poll(&file, 1, static_cast<int>(std::max<Time>(end - Now(), 0) / kMillisecond));
    if (ready != -1 || errno != EINTR) return ready == -1 ? -errno : ready;
  }
}

}  // namespace sigkit
