#include "posix/lost_terminals.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "posix/unique_fd.h"

namespace sigkit {

void ReplaceLostTerminals() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    termios mode;
    if (tcgetattr(fd, &mode) == 0 || errno != EIO) continue;
    const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
    if (null.get() >= 0) dup3(null.get(), fd, O_CLOEXEC);
  }
}

}  // namespace sigkit
