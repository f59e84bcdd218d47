#include "posix/standard_io.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

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
      made->child.push_back(source);
      // Programs that expect no EAGAIN of their standard streams get what libuv's children get.
      const int flags = inherited ? fcntl(source, F_GETFL) : -1;
      if (flags != -1 && (flags & O_NONBLOCK) != 0) fcntl(source, F_SETFL, flags & ~O_NONBLOCK);
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

}  // namespace sigkit
