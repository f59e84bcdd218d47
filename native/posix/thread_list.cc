#include "posix/thread_list.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "posix/own_proc.h"
#include "posix/syscalls.h"

namespace sigkit {
namespace {

// Threads that come and go without a pause would keep the count wrong for ever; the next pass looks again anyway.
constexpr int kListingAttempts = 100;

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
  for (;;) {
    // Each time: strtol(3) of musl sets it for "." and "..".
    errno = 0;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): safe on a stream of our own (readdir(3))
    const dirent* entry = readdir(directory);
    if (entry == nullptr) return -errno;
    const long tid = strtol(entry->d_name, nullptr, 10);
    if (tid > 0) tids->push_back(static_cast<pid_t>(tid));
  }
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
  const int own = CheckOwnProc();
  if (own < 0) return own;
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
    if (links == tids->size() + 2 && CountLinks(directory_.get()) == links) break;
  }
  return std::find(tids->begin(), tids->end(), ThreadId()) == tids->end() ? -EXDEV : 0;
}

}  // namespace sigkit
