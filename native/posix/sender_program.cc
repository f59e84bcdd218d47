#include "posix/sender_program.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "posix/own_proc.h"
#include "posix/unique_fd.h"

namespace sigkit {
namespace {

size_t ReadFile(pid_t pid, const char* file, char* into, size_t room) {
  std::array<char, 32> path;
  snprintf(path.data(), path.size(), "/proc/%d/%s", pid, file);
  const UniqueFd fd(open(path.data(), O_RDONLY | O_CLOEXEC));
  const ssize_t length = fd.get() < 0 ? 0 : read(fd.get(), into, room);
  return length > 0 ? static_cast<size_t>(length) : 0;
}

}  // namespace

void SenderProgram::Read(pid_t pid) {
  if (pid <= 0 || CheckOwnProc() < 0) return;
  ReadFile(pid, "comm", name.data(), name.size() - 1);
  name[strcspn(name.data(), "\n")] = '\0';
  length = ReadFile(pid, "cmdline", arguments.data(), arguments.size());
}

}  // namespace sigkit
