#include "posix/thread_list.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "posix/unique_fd.h"

namespace sigkit {
namespace {

// Threads that come and go without a pause would keep the count wrong for ever; the next pass looks again anyway.
constexpr int kListingAttempts = 100;

// Reads a small /proc file whole. Returns 0 or a negative errno.
int ReadTaskFile(pid_t tid, const char* name, char* text, size_t size) {
  char path[64];
  snprintf(path, sizeof(path), "/proc/self/task/%d/%s", tid, name);
  const UniqueFd fd(open(path, O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return -errno;
  size_t length = 0;
  while (length < size - 1) {
    const ssize_t got = read(fd.get(), text + length, size - 1 - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -errno;
    if (got == 0) break;
    length += static_cast<size_t>(got);
  }
  text[length] = '\0';
  return length > 0 ? 0 : -ESRCH;
}

uint64_t NumberAfter(const char* text, const char* label, int base) {
  const char* found = strstr(text, label);
  return found == nullptr ? 0 : strtoull(found + strlen(label), nullptr, base);
}

bool StatOf(DIR* directory, struct stat* status) {
  const int fd = directory == nullptr ? -1 : dirfd(directory);
  return fd >= 0 && fstat(fd, status) == 0;
}

// 2 and the number of threads: a task folder has one entry for each, besides its own two (proc(5)).
nlink_t CountLinks(DIR* directory) {
  struct stat status = {};
  return StatOf(directory, &status) ? status.st_nlink : 0;
}

int ReadTasks(DIR* directory, std::vector<pid_t>* tids) {
  tids->clear();
  errno = 0;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): safe on a stream of our own (readdir(3))
  while (const dirent* entry = readdir(directory)) {
    const long tid = strtol(entry->d_name, nullptr, 10);
    if (tid > 0) tids->push_back(static_cast<pid_t>(tid));
  }
  return -errno;
}

}  // namespace

bool ThreadLister::IsStillOurs() const {
  struct stat status = {};
  return StatOf(directory_.get(), &status) && status.st_ino == inode_;
}

int ThreadLister::Open() {
  if (IsStillOurs()) return 0;
  // A program that closes all descriptors (daemons do) has closed ours too; its number may be somebody else's by now,
  // so the stream is let go and not closed.
  // NOLINTNEXTLINE(bugprone-unused-return-value)
  static_cast<void>(directory_.release());
  directory_.reset(opendir("/proc/self/task"));
  struct stat status = {};
  if (!StatOf(directory_.get(), &status)) return -errno;
  inode_ = status.st_ino;
  return 0;
}

int ThreadLister::List(std::vector<pid_t>* tids) {
  // The kernel ends or shifts a listing when the thread at which it stands dies, and so leaves out living ones
  // (fs/proc/base.c, next_tid and first_tid): a listing counts if its length was right before and after.
  for (int attempt = 0; attempt < kListingAttempts; ++attempt) {
    const nlink_t links = CountLinks(directory_.get());
    rewinddir(directory_.get());
    const int error = ReadTasks(directory_.get(), tids);
    if (error < 0) return error;
    if (links == tids->size() + 2 && CountLinks(directory_.get()) == links) return 0;
  }
  return 0;
}

int ReadThreadStatus(pid_t tid, ThreadStatus* status) {
  char text[8192];
  const int error = ReadTaskFile(tid, "status", text, sizeof(text));
  if (error < 0) return error;
  const char* state = strstr(text, "\nState:\t");
  status->state = state == nullptr ? '?' : state[8];
  status->blocked = SignalSet(NumberAfter(text, "\nSigBlk:\t", 16));
  status->context_switches =
      NumberAfter(text, "\nvoluntary_ctxt_switches:\t", 10) + NumberAfter(text, "\nnonvoluntary_ctxt_switches:\t", 10);
  return status->state == 'Z' || status->state == 'X' ? -ESRCH : 0;
}

uint64_t ThreadStartTime(pid_t tid) {
  char text[1024];
  if (ReadTaskFile(tid, "stat", text, sizeof(text)) < 0) return 0;
  // The name in field 2 may hold blanks and brackets: count fields from its last bracket.
  const char* field = strrchr(text, ')');
  for (int number = 2; number < 22 && field != nullptr; ++number) field = strchr(field + 1, ' ');
  return field == nullptr ? 0 : strtoull(field, nullptr, 10);
}

}  // namespace sigkit
