#include "posix/own_proc.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace sigkit {

__attribute__((no_sanitize("thread", "address", "undefined"))) int CheckOwnProc() {
  char text[16];
  const long length = syscall(SYS_readlinkat, AT_FDCWD, "/proc/self", text, sizeof(text));
  // The mount of a namespace that this process has no number in has no such link to follow.
  if (length < 0) return -errno;
  long pid = 0;
  for (long index = 0; index < length; ++index) {
    if (text[index] < '0' || text[index] > '9') return -EXDEV;
    pid = pid * 10 + (text[index] - '0');
  }
  return pid == syscall(SYS_getpid) ? 0 : -EXDEV;
}

}  // namespace sigkit
