#include "init/report.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "posix/syscalls.h"

namespace sigkit::init {

void Report(const char* format, ...) {
  static constexpr char kPrefix[] = "sigkit-init: ";
  static constexpr size_t kPrefixLength = sizeof(kPrefix) - 1;
  std::array<char, 1024> line;
  memcpy(line.data(), kPrefix, kPrefixLength);
  const size_t room = line.size() - kPrefixLength - 1;
  va_list values;
  va_start(values, format);
  const int wanted = vsnprintf(line.data() + kPrefixLength, room, format, values);
  va_end(values);
  size_t length = kPrefixLength + std::min(static_cast<size_t>(std::max(wanted, 0)), room - 1);
  line[length++] = '\n';
  // Ready means that PIPE_BUF bytes fit (poll(2)), which are more than a line.
  pollfd file = {STDERR_FILENO, POLLOUT, 0};
  if (poll(&file, 1, 0) == 0) return;
  // Who has closed stderr wants no lines. But the kernel has sent a signal for it, and to this thread: so it is taken
  // before one that somebody else has sent to the process, and is not forwarded.
  if (write(STDERR_FILENO, line.data(), length) >= 0 || (errno != EPIPE && errno != EFBIG)) return;
  siginfo_t info = {};
  const timespec now = {};
  TimedWait(SignalSet::Of(SIGPIPE) | SignalSet::Of(SIGXFSZ), &info, &now);
}

}  // namespace sigkit::init
