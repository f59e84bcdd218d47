#include "posix/listener.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "posix/unique_fd.h"

namespace sigkit {
namespace {

// The byte of a TCP header that has the flags, and two of them: RFC 9293, section 3.1.
constexpr unsigned kFlags = 13;
constexpr unsigned kSyn = 0x02;
constexpr unsigned kAck = 0x10;
constexpr unsigned kDrop = 0;
constexpr unsigned kAccept = ~0U;

int Option(int fd, int name) {
  int value = 0;
  socklen_t size = sizeof(value);
  return getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -errno;
}

}  // namespace

int IgnoreNewConnections(int listener) {
  UniqueFd kept(fcntl(listener, F_DUPFD_CLOEXEC, 0));
  if (kept.get() < 0) return -errno;
  if (Option(listener, SO_PROTOCOL) != IPPROTO_TCP || Option(listener, SO_ACCEPTCONN) != 1) return -ENOPROTOOPT;
  // A classic BPF program (socket(7)): its packets begin with the TCP header.
  std::array<sock_filter, 5> program = {{BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kFlags),
                                         BPF_STMT(BPF_ALU | BPF_AND | BPF_K, kSyn | kAck),
                                         BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kSyn, 0, 1),
                                         BPF_STMT(BPF_RET | BPF_K, kDrop), BPF_STMT(BPF_RET | BPF_K, kAccept)}};
  const sock_fprog filter = {.len = program.size(), .filter = program.data()};
  if (setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) == -1) return -errno;
  return kept.Release();
}

void CloseIgnoring(int descriptor) {
  const UniqueFd kept(descriptor);
  const int none = 0;
  setsockopt(descriptor, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof(none));
}

}  // namespace sigkit
