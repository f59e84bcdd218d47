#include "posix/replace.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "posix/pointers.h"
#include "posix/syscalls.h"

namespace sigkit {
namespace {

// Node has marked them close-on-exec when it started.
void MarkStandardDescriptors(int flags) {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) fcntl(fd, F_SETFD, flags);
}

}  // namespace

int ReplaceProcess(const std::string& file, const std::vector<std::string>& arguments, SignalSet defaults) {
  const std::vector<char*> pointers = Pointers(arguments);
  std::array<KernelSigaction, kSignalCount + 1> former;
  defaults.ForEach([&](int signo) { ChangeAction(signo, DefaultAction(), &former[static_cast<size_t>(signo)]); });
  MarkStandardDescriptors(0);
  execve(file.c_str(), pointers.data(), environ);
  const int error = -errno;
  MarkStandardDescriptors(FD_CLOEXEC);
  defaults.ForEach([&](int signo) { ChangeAction(signo, former[static_cast<size_t>(signo)], nullptr); });
  return error;
}

}  // namespace sigkit
