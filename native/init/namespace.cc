#include "init/namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "init/descriptors.h"
#include "posix/process_group.h"
#include "posix/syscalls.h"
#include "posix/unique_fd.h"

namespace sigkit::init {
namespace {

bool Write(const char* path, const char* text) {
  const UniqueFd file(open(path, O_WRONLY | O_CLOEXEC));
  const auto length = static_cast<ssize_t>(strlen(text));
  return write(file.get(), text, static_cast<size_t>(length)) == length;
}

bool MapSelf(const char* path, unsigned id) {
  std::array<char, 40> text;
  snprintf(text.data(), text.size(), "%u %u 1", id, id);
  return Write(path, text.data());
}

int EnterUserNamespace() {
  const uid_t user = geteuid();
  const gid_t group = getegid();
  if (unshare(CLONE_NEWUSER | CLONE_NEWPID) == -1) return -errno;
  const bool is_mapped = MapSelf("/proc/self/uid_map", user) && Write("/proc/self/setgroups", "deny") &&
                         MapSelf("/proc/self/gid_map", group);
  return is_mapped ? 0 : -errno;
}

[[noreturn]] void BeFirst(const std::array<int, 2>& ends) {
  SetParentDeathSignal(SIGKILL);
  // Its parent may have died before: nobody else would tell, and getppid(2) knows none outside of the namespace.
  close(ends[0]);
  if (write(ends[1], "", 1) != 1) _exit(1);
  setsid();
  // The kernel reaps what is adopted.
  ChangeAction(SIGCHLD, IgnoreAction(), nullptr);
  CloseAllBut({});
  for (;;) pause();
}

}  // namespace

pid_t EnterPidNamespace() {
  int entered = unshare(CLONE_NEWPID) == -1 ? -errno : 0;
  if (entered == -EPERM) entered = EnterUserNamespace();
  if (entered < 0) return entered;
  std::array<int, 2> ends = {-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) == -1) return -errno;
  const UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  // As fork(2), but for the handlers of libc.
  const auto first = static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
  if (first == 0) BeFirst(ends);
  if (first < 0) return -errno;
  writer.Reset();
  char ready = 0;
  while (read(reader.get(), &ready, 1) == -1 && errno == EINTR) {
  }
  return first;
}

}  // namespace sigkit::init
