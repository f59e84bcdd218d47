#ifndef SIGKIT_POSIX_CHILD_LIST_H_
#define SIGKIT_POSIX_CHILD_LIST_H_

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <type_traits>

#include "posix/own_proc.h"
#include "posix/unique_fd.h"

namespace sigkit {

template <typename Visit>
bool GoesOn(Visit& visit, pid_t pid) {
  if constexpr (std::is_void_v<decltype(visit(pid))>) {
    visit(pid);
    return true;
  } else {
    return visit(pid);
  }
}

// Calls visit(pid) for each child that a file of /proc lists (/proc/PID/task/TID/children, proc(5)), until one call
// returns false: one that ends meanwhile can hide others. Returns 0 or a negative errno. Allocates nothing.
template <typename Visit>
int ForEachListed(const char* path, Visit visit) {
  const UniqueFd file(open(path, O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return -errno;
  std::array<char, 4096> text;
  pid_t pid = 0;
  for (;;) {
    const ssize_t got = read(file.get(), text.data(), text.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -errno;
    if (got == 0) return 0;
    for (ssize_t index = 0; index < got; ++index) {
      const char c = text[static_cast<size_t>(index)];
      if (c >= '0' && c <= '9') {
        pid = pid * 10 + (c - '0');
        continue;
      }
      if (pid != 0 && !GoesOn(visit, pid)) return 0;
      pid = 0;
    }
  }
}

// The same for a thread of this process; -EXDEV where /proc is not ours.
template <typename Visit>
int ForEachChild(pid_t tid, Visit visit) {
  if (CheckOwnProc() < 0) return -EXDEV;
  std::array<char, 48> path;
  snprintf(path.data(), path.size(), "/proc/self/task/%d/children", tid);
  return ForEachListed(path.data(), visit);
}

}  // namespace sigkit

#endif  // SIGKIT_POSIX_CHILD_LIST_H_
