#ifndef SIGKIT_INIT_OWN_FD_H_
#define SIGKIT_INIT_OWN_FD_H_

#include <fcntl.h>
#include <unistd.h>

#include "posix/unique_fd.h"

namespace sigkit::init {

// Closed standard descriptors stay closed: what init opens for itself is moved above them, so that no line for stderr
// ends in it. Close-on-exec.
inline UniqueFd OwnFd(int opened) {
  if (opened < 0 || opened > STDERR_FILENO) return UniqueFd(opened);
  const UniqueFd low(opened);
  return UniqueFd(fcntl(low.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_OWN_FD_H_
