#include "posix/dump_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "posix/directory.h"
#include "posix/unique_fd.h"
#include "posix/write_file.h"

namespace sigkit {
namespace {

constexpr unsigned kNoReplace = 1;  // RENAME_NOREPLACE
constexpr time_t kHour = 3'600;
constexpr time_t kDay = 24 * kHour;

int ErrorOf(long result) { return result < 0 ? -errno : 0; }

// `4711-20261130T171413.123Z-...`, also with a dot before it: others in the folder do not count.
bool IsDump(const char* name) {
  if (*name == '.') ++name;
  const size_t pid = strspn(name, "0123456789");
  return pid > 0 && name[pid] == '-' && strspn(name + pid + 1, "0123456789") == 8 && name[pid + 9] == 'T';
}

bool IsUnfinished(const char* name) { return *name == '.'; }

}  // namespace

std::string UtcNow() {
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  tm utc = {};
  gmtime_r(&now.tv_sec, &utc);
  std::array<char, 48> text;
  const size_t length = strftime(text.data(), text.size(), "%Y%m%dT%H%M%S", &utc);
  snprintf(text.data() + length, text.size() - length, ".%03ldZ", now.tv_nsec / 1'000'000);
  return text.data();
}

int DumpFolder::Open(int folder, std::string path, Limits limits) {
  UniqueFd copy(fcntl(folder, F_DUPFD_CLOEXEC, 0));
  if (copy.get() < 0) return -errno;
  path_ = std::move(path);
  limits_ = limits;
  directory_.Reset(std::move(copy));
  return 0;
}

// By the rules of lib/diagnostics/dump-limits.ts.
int DumpFolder::MakeRoom(size_t size) const {
  const int again = openat(directory_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (again < 0) return -errno;
  const Directory folder(fdopendir(again));
  if (folder == nullptr) {
    close(again);
    return -ENOMEM;
  }
  const time_t now = time(nullptr);
  Room kept = {.bytes = size, .files = 1};
  std::vector<OldDump> old;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): safe on a stream of our own (readdir(3))
  while (const dirent* entry = readdir(folder.get())) {
    struct stat about = {};
    if (!IsDump(entry->d_name)) continue;
    if (fstatat(again, entry->d_name, &about, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(about.st_mode)) continue;
    const auto bytes = static_cast<uint64_t>(about.st_size);
    if (now - about.st_mtime > (IsUnfinished(entry->d_name) ? kHour : kDay)) {
      old.push_back({entry->d_name, bytes, about.st_mtime});
    } else {
      kept.Add(bytes);
    }
  }
  if (!kept.IsWithin(limits_)) return -EDQUOT;
  RemoveOld(std::move(old), kept);
  return 0;
}

// What is unfinished, and the oldest of the others until there is room.
void DumpFolder::RemoveOld(std::vector<OldDump> old, Room all) const {
  for (const OldDump& dump : old) all.Add(dump.bytes);
  const auto goes_before = [](const OldDump& one, const OldDump& other) {
    const bool unfinished = IsUnfinished(one.name.c_str());
    return unfinished == IsUnfinished(other.name.c_str()) ? one.changed < other.changed : unfinished;
  };
  while (!old.empty()) {
    const auto first = std::min_element(old.begin(), old.end(), goes_before);
    if (!IsUnfinished(first->name.c_str()) && all.IsWithin(limits_)) return;
    unlinkat(directory_.get(), first->name.c_str(), 0);
    all.bytes -= first->bytes;
    --all.files;
    std::iter_swap(first, old.end() - 1);
    old.pop_back();
  }
}

int DumpFolder::WriteAs(const char* temporary, std::string_view text) const {
  const UniqueFd file(openat(directory_.get(), temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (file.get() < 0) return -errno;
  return WriteAll(file.get(), text);
}

// A file system that cannot rename so (it says EINVAL) has links, or no names that are taken.
int DumpFolder::Publish(const char* temporary, const char* name) const {
  const int folder = directory_.get();
  const int error = ErrorOf(syscall(SYS_renameat2, folder, temporary, folder, name, kNoReplace));
  if (error != -EINVAL && error != -ENOSYS) return error;
  const int linked = ErrorOf(linkat(folder, temporary, folder, name, 0));
  return linked < 0 ? linked : ErrorOf(unlinkat(folder, temporary, 0));
}

int DumpFolder::WriteOnce(const std::string& name, std::string_view text) const {
  const std::string temporary = "." + name;
  int error = WriteAs(temporary.c_str(), text);
  // Somebody else's.
  if (error == -EEXIST) return error;
  if (error == 0) error = Publish(temporary.c_str(), name.c_str());
  if (error < 0) unlinkat(directory_.get(), temporary.c_str(), 0);
  return error;
}

int DumpFolder::Write(const char* kind, std::string_view text, std::string* name) {
  if (!directory_.IsStillOurs()) return -EBADF;
  if (const int error = MakeRoom(text.size()); error < 0) return error;
  constexpr int kTries = 10;
  for (int tries = 1;; ++tries) {
    *name = std::to_string(getpid()) + "-" + UtcNow() + "-" + kind;
    const int error = WriteOnce(*name, text);
    if (error != -EEXIST || tries == kTries) return error;
    // Two within one millisecond.
    const timespec moment = {.tv_sec = 0, .tv_nsec = 1'000'000};
    nanosleep(&moment, nullptr);
  }
}

}  // namespace sigkit
