#include "posix/bell.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace sigkit {

int Bell::Open() {
  if (inner_.IsStillOurs() && outer_.IsStillOurs()) return 0;
  // Who closes what is not theirs may be about to close the other end, and to open something in its place: it is let
  // go, and not closed.
  inner_.Release().Release();
  outer_.Release().Release();
  rung_ = false;
  std::array<int, 2> ends;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) == -1) return -errno;
  inner_.Reset(UniqueFd(ends[0]));
  outer_.Reset(UniqueFd(ends[1]));
  return 0;
}

void Bell::Close() {
  inner_.Reset();
  outer_.Reset();
  rung_ = false;
}

// Where the outer end is another's by now, the sleeper has been hung up already.
void Bell::Ring() {
  if (rung_ || !outer_.IsStillOurs()) return;
  rung_ = send(outer_.get(), "", 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
}

void Bell::Answer() {
  std::array<char, 16> rings;
  if (rung_ && inner_.IsStillOurs()) recv(inner_.get(), rings.data(), rings.size(), MSG_DONTWAIT);
  rung_ = false;
}

}  // namespace sigkit
