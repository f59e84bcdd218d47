#include "posix/write_file.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "posix/syscalls.h"
#include "posix/unique_fd.h"

namespace sigkit {
namespace {

// The kernel sends it beside EFBIG, and to this thread, where it would wait for ever.
void ForgetFileLimit() {
  siginfo_t info = {};
  const timespec now = {};
  TimedWait(SignalSet::Of(SIGXFSZ), &info, &now);
}

}  // namespace

int WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = -errno;
      if (error == -EFBIG) ForgetFileLimit();
      return error;
    }
    text.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

int AppendToFile(const char* path, std::string_view text) {
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const UniqueFd file(open(path, kFlags, 0600));
  return file.get() < 0 ? -errno : WriteAll(file.get(), text);
}

}  // namespace sigkit
