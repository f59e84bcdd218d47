#include "init/watcher.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "posix/child_list.h"
#include "posix/clock.h"
#include "posix/directory.h"
#include "posix/send.h"
#include "posix/unique_fd.h"

namespace sigkit::init {
namespace {

constexpr Time kPatience = 10 * kSecond;
constexpr int kDeepest = 100;  // each holds a descriptor
constexpr int kLongestPauseMs = 50;

// cgroup.kill: kernel 5.14. It passes over a process whose first thread has ended, and so each is killed by its number
// as well.
void KillAllIn(int folder) {
  const UniqueFd file(openat(folder, "cgroup.kill", O_WRONLY | O_CLOEXEC));
  [[maybe_unused]] const ssize_t written = write(file.get(), "1", 1);
  std::array<char, 48> path;
  snprintf(path.data(), path.size(), "/proc/self/fd/%d/cgroup.procs", folder);
  ForEachListed(path.data(), [](pid_t pid) { Kill(pid, SIGKILL); });
}

// NOLINTNEXTLINE(misc-no-recursion): no deeper than kDeepest
bool Remove(int parent, const char* name, int depth) {
  const int opened = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  const Directory folder(opened < 0 ? nullptr : fdopendir(opened));
  if (folder == nullptr) return errno == ENOENT;
  KillAllIn(opened);
  while (const dirent* const entry = readdir(folder.get())) {
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.' && depth < kDeepest)
      Remove(opened, entry->d_name, depth + 1);
  }
  return unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT;
}

bool RemoveAll(const char* path, const char* prefix) {
  const Directory folder(opendir(path));
  if (folder == nullptr) return true;
  bool all = true;
  while (const dirent* const entry = readdir(folder.get())) {
    if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0) all = Remove(dirfd(folder.get()), entry->d_name, 0) && all;
  }
  return all;
}

}  // namespace

int WatchCgroups(char* const* words) {
  if (words[0] == nullptr || words[1] == nullptr) return 2;
  std::array<char, 64> ignored;
  for (ssize_t got = 1; got > 0 || (got < 0 && errno == EINTR);)
    got = read(STDIN_FILENO, ignored.data(), ignored.size());
  const Time end = Now() + kPatience;
  for (int pause = 1; !RemoveAll(words[0], words[1]) && Now() < end; pause = std::min(pause * 2, kLongestPauseMs))
    poll(nullptr, 0, pause);
  return 0;
}

}  // namespace sigkit::init
