#include "posix/process_stat.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace sigkit {
namespace {

constexpr int kName = 2;  // in parentheses, and may contain anything

// The length, or a negative errno. The kernel gives all of it at once.
__attribute__((no_sanitize("thread", "address", "undefined"))) long ReadText(const char* path, char* text, long size) {
  const long file = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -errno;
  const long length = syscall(SYS_read, file, text, size - 1);
  const int error = errno;
  syscall(SYS_close, file);
  if (length < 0) return -error;
  text[length] = '\0';
  return length;
}

// Of the folder, as its files are root's for what may not be traced (proc(5)).
int64_t OwnerOf(pid_t pid) {
  std::array<char, 32> path;
  snprintf(path.data(), path.size(), "/proc/%d", pid);
  struct stat about = {};
  return ::stat(path.data(), &about) == 0 ? int64_t{about.st_uid} : -1;
}

}  // namespace

int ReadProcessStat(pid_t pid, ProcessStat* stat, int last) {
  std::array<char, 32> path;
  snprintf(path.data(), path.size(), "/proc/%d/stat", pid);
  std::array<char, 2048> text;
  const long length = ReadText(path.data(), text.data(), text.size());
  if (length < 0) return static_cast<int>(length);
  const char* name = strchr(text.data(), '(');
  const char* end = strrchr(text.data(), ')');
  if (name == nullptr || end == nullptr) return -ESRCH;
  stat->name.assign(name + 1, end);
  // ") S " and the first number.
  stat->state = end[2];
  char* at = text.data() + (end - text.data()) + 3;
  for (int field = kParent; field <= last; ++field) stat->numbers[static_cast<size_t>(field)] = strtoll(at, &at, 10);
  if (last == kExitStatus && stat->state == 'Z') stat->owner = OwnerOf(pid);
  return 0;
}

// It runs between clone(2) and execve(2), too.
__attribute__((no_sanitize("thread", "address", "undefined"))) uint64_t StatNumber(const char* path, int field) {
  char text[1024] = {};
  const long length = ReadText(path, text, sizeof(text));
  if (length <= 0) return 0;
  const char* at = text + length;
  while (at > text && *at != ')') --at;
  for (int passed = kName; passed < field && *at != '\0'; ++at) passed += *at == ' ' ? 1 : 0;
  uint64_t number = 0;
  for (; *at >= '0' && *at <= '9'; ++at) number = number * 10 + static_cast<uint64_t>(*at - '0');
  return number;
}

}  // namespace sigkit
