#include "posix/report.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "posix/escape.h"
#include "posix/syscalls.h"
#include "posix/unique_fd.h"

namespace sigkit {
namespace {

// A pipe or a terminal once more, so that a write does not wait: others share the flags of the one that is there.
UniqueFd OpenStderrAnew() { return UniqueFd(open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)); }

// Not left in errno, as closing a descriptor may change that.
ssize_t Written(ssize_t result) { return result == -1 ? -errno : result; }

// That poll(2) says ready does not suffice: a terminal may have room for half of the line, and in a pipe somebody else
// may take the room first. Where there is no /proc it is what is left.
ssize_t WriteWithoutWaiting(const char* line, size_t length) {
  struct stat file = {};
  if (fstat(STDERR_FILENO, &file) == -1) return -errno;
  if (S_ISSOCK(file.st_mode)) return Written(send(STDERR_FILENO, line, length, MSG_DONTWAIT));
  if (S_ISFIFO(file.st_mode) || S_ISCHR(file.st_mode)) {
    if (const UniqueFd anew = OpenStderrAnew(); anew.get() >= 0) return Written(write(anew.get(), line, length));
  }
  pollfd ready = {STDERR_FILENO, POLLOUT, 0};
  return poll(&ready, 1, 0) == 0 ? 0 : Written(write(STDERR_FILENO, line, length));
}

// What has been cut may end within a character of UTF-8.
size_t WithoutHalfCharacter(const char* text, size_t length) {
  const auto byte = [&](size_t back) { return back < length ? static_cast<uint8_t>(text[length - 1 - back]) : 0U; };
  size_t after_lead = 0;
  while (after_lead < 3 && (byte(after_lead) & 0xC0U) == 0x80) ++after_lead;
  const uint32_t lead = byte(after_lead);
  const size_t wanted = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
  return after_lead < wanted ? length - 1 - after_lead : length;
}

}  // namespace

bool ReportAs(const char* who, const char* format, va_list values) {
  std::array<char, 1024> text;
  const size_t who_length = strlen(who);
  memcpy(text.data(), who, who_length);
  const size_t room = text.size() - who_length;
  const int formatted = vsnprintf(text.data() + who_length, room, format, values);
  const auto wanted = static_cast<size_t>(std::max(formatted, 0));
  const size_t length = wanted < room ? who_length + wanted : WithoutHalfCharacter(text.data(), text.size() - 1);
  std::array<char, kEscapedBytes * text.size()> line;
  size_t line_length = Escape({text.data(), length}, line.data());
  line[line_length++] = '\n';
  // Who has closed stderr wants no lines. But the kernel has sent a signal for it, and to this thread: so it is taken
  // before one that somebody else has sent to the process, and is not forwarded.
  const ssize_t written = WriteWithoutWaiting(line.data(), line_length);
  if (written != -EPIPE && written != -EFBIG) return written != 0 && written != -EAGAIN;
  siginfo_t info = {};
  const timespec now = {};
  TimedWait(SignalSet::Of(SIGPIPE) | SignalSet::Of(SIGXFSZ), &info, &now);
  return true;
}

}  // namespace sigkit
