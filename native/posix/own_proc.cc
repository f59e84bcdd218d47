#include "posix/own_proc.h"

#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace sigkit {

int CheckOwnProc() {
  char number[16];
  const ssize_t length = readlink("/proc/self", number, sizeof(number) - 1);
  if (length < 0) return -errno;
  number[length] = '\0';
  return strtol(number, nullptr, 10) == getpid() ? 0 : -EXDEV;
}

}  // namespace sigkit
