#include "posix/report.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "posix/syscalls.h"

namespace sigkit {

void ReportAs(const char* who, const char* format, va_list values) {
  std::array<char, 1024> line;
  const size_t who_length = strlen(who);
  memcpy(line.data(), who, who_length);
  const size_t room = line.size() - who_length - 1;
  const int wanted = vsnprintf(line.data() + who_length, room, format, values);
  size_t length = who_length + std::min(static_cast<size_t>(std::max(wanted, 0)), room - 1);
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

}  // namespace sigkit
