#include "init/descent.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "posix/child_list.h"
#include "posix/directory.h"
#include "posix/pidfd.h"
#include "posix/send.h"
#include "posix/unique_fd.h"

namespace sigkit::init {
namespace {

constexpr int kDeepest = 200;  // each holds a descriptor
constexpr int kThreadsField = 20;

struct Pids {
  std::array<pid_t, 128> list;
  size_t count = 0;
};

// Of the field after a space; strtol(3) would be larger. That of the foreground group may be negative, and is skipped.
int NextNumber(const char** at) {
  while (**at == ' ' || **at == '-') ++*at;
  unsigned number = 0;
  for (; **at >= '0' && **at <= '9'; ++*at) number = number * 10 + static_cast<unsigned>(**at - '0');
  return static_cast<int>(number);
}

bool Read(pid_t pid, Seen* seen) {
  seen->pid = pid;
  std::array<char, 32> path;
  snprintf(path.data(), path.size(), "/proc/%d/stat", pid);
  const UniqueFd file(open(path.data(), O_RDONLY | O_CLOEXEC));
  std::array<char, 1024> text = {};
  if (file.get() < 0 || read(file.get(), text.data(), text.size() - 1) <= 0) return false;
  const char* name = strchr(text.data(), '(');
  const char* end = strrchr(text.data(), ')');
  if (name == nullptr || end == nullptr) return false;
  const auto length = std::min(static_cast<size_t>(end - name) - 1, seen->name.size() - 1);
  memcpy(seen->name.data(), name + 1, length);
  seen->state = end[2];
  const char* at = end + 3;
  seen->parent = NextNumber(&at);
  for (int field = 5; field <= kThreadsField; ++field) seen->threads = NextNumber(&at);
  return true;
}

void AddChildren(pid_t pid, const char* thread, Pids* children) {
  std::array<char, 64> path;
  snprintf(path.data(), path.size(), "/proc/%d/task/%.10s/children", pid, thread);
  ForEachListed(path.data(), [children](pid_t child) {
    if (children->count < children->list.size()) children->list[children->count++] = child;
  });
}

void ListChildren(const Seen& of, Pids* children) {
  std::array<char, 32> path;
  snprintf(path.data(), path.size(), "%d", of.pid);
  if (of.threads == 1) return AddChildren(of.pid, path.data(), children);
  snprintf(path.data(), path.size(), "/proc/%d/task", of.pid);
  const Directory folder(opendir(path.data()));
  if (folder == nullptr) return;
  while (const dirent* const entry = readdir(folder.get())) {
    if (entry->d_name[0] != '.') AddChildren(of.pid, entry->d_name, children);
  }
}

struct Walk {
  int signo;
  void (*note)(const Seen&);
  int moving = 0;
};

// `parent`: its pidfd; none of a child of this process, whose number nobody else gets before it has been reaped here.
// NOLINTNEXTLINE(misc-no-recursion): no deeper than kDeepest
void Visit(Walk* walk, pid_t pid, pid_t parent_pid, int parent, int depth) {
  const UniqueFd pidfd(OpenPidfd(pid));
  Seen seen;
  const bool is_shown = Read(pid, &seen);
  const bool is_own = depth == 0;
  // It is the one of the pidfd if that can still be signalled, and a child of its parent if that has not been reaped.
  if (!is_own && (!is_shown || pidfd.get() < 0 || seen.parent != parent_pid)) return;
  Pids children;
  if (depth < kDeepest && pidfd.get() >= 0) ListChildren(seen, &children);
  if (!is_own && SignalPidfd(parent, 0, std::nullopt) == -ESRCH) return;
  if (!seen.has_ended()) {
    const int sent = pidfd.get() < 0 ? Kill(pid, walk->signo) : SignalPidfd(pidfd.get(), walk->signo, std::nullopt);
    if (sent != -ESRCH && walk->note != nullptr) walk->note(seen);
    if (!seen.is_still()) ++walk->moving;
  }
  for (size_t index = 0; index < children.count; ++index)
    Visit(walk, children.list[index], pid, pidfd.get(), depth + 1);
}

}  // namespace

int SignalAllBelow(int signo, void (*note)(const Seen&)) {
  Walk walk = {.signo = signo, .note = note};
  ForEachChild(getpid(), [&walk](pid_t pid) { Visit(&walk, pid, 0, -1, 0); });
  return walk.moving;
}

}  // namespace sigkit::init
