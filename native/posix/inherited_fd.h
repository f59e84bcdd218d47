#ifndef SIGKIT_POSIX_INHERITED_FD_H_
#define SIGKIT_POSIX_INHERITED_FD_H_

namespace sigkit {

// What a socket is, as socket(7) has it; all 0 of what is no socket.
struct SocketKind {
  int family = 0;
  int type = 0;
  int listens = 0;
};

// Takes a descriptor that the process was started with for this process alone: close-on-exec. Returns 0 or a negative
// errno.
int TakeInherited(int fd, SocketKind* kind);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_INHERITED_FD_H_
