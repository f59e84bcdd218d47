#include "posix/inherited_fd.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>

namespace sigkit {
namespace {

int Option(int fd, int name, int* value) {
  socklen_t length = sizeof(*value);
  if (getsockopt(fd, SOL_SOCKET, name, value, &length) == 0) return 0;
  return errno == ENOTSOCK ? 0 : -errno;
}

}  // namespace

int TakeInherited(int fd, SocketKind* kind) {
  const int flags = fcntl(fd, F_GETFD);
  if (flags == -1 || fcntl(fd, F_SETFD, flags | FD_CLOEXEC) == -1) return -errno;
  int error = Option(fd, SO_DOMAIN, &kind->family);
  if (error == 0) error = Option(fd, SO_TYPE, &kind->type);
  if (error == 0) error = Option(fd, SO_ACCEPTCONN, &kind->listens);
  return error;
}

}  // namespace sigkit
