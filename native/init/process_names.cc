#include "init/process_names.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "init/decimal.h"
#include "posix/numbers.h"

namespace sigkit::init {
namespace {

constexpr std::array<const char*, ProcessNames::kCount> kNames = {"LISTEN_PID", "WATCHDOG_PID", "SYSTEMD_EXEC_PID",
                                                                  "LISTEN_PIDFDID"};
constexpr size_t kListenPid = 0;
constexpr size_t kListenPidfdId = 3;

bool Names(const char* variable, pid_t pid) {
  const char* const value = getenv(variable);
  int number = 0;
  return value != nullptr && ParseNumber(value, INT_MAX, &number) && number == pid;
}

// The inode of this process's pidfds, which no other process gets while the system runs: pidfs, kernel 6.9. 0: unknown.
__attribute__((no_sanitize("thread", "address", "undefined"))) uint64_t OwnPidfdId() {
  constexpr long kPidFs = 0x50494446;  // PID_FS_MAGIC
  const long pidfd = syscall(SYS_pidfd_open, syscall(SYS_getpid), 0);
  if (pidfd < 0) return 0;
  struct statfs system;
  struct stat about;
  const bool is_known =
      syscall(SYS_fstatfs, pidfd, &system) == 0 && system.f_type == kPidFs && syscall(SYS_fstat, pidfd, &about) == 0;
  syscall(SYS_close, pidfd);
  return is_known ? about.st_ino : 0;
}

bool IsOwnPidfdId(std::string_view value) {
  std::array<char, 24> own = {};
  const uint64_t id = OwnPidfdId();
  const char* const end = WriteDecimal(id, own.data());
  return id == 0 || value == std::string_view(own.data(), static_cast<size_t>(end - own.data()));
}

}  // namespace

void ProcessNames::Find() {
  for (size_t at = 0; at < kListenPidfdId; ++at) names_[at].is_ours = Names(kNames[at], getpid());
  const char* const id = getenv(kNames[kListenPidfdId]);
  if (id == nullptr || !names_[kListenPid].is_ours) return;
  // Else an earlier process with this number is meant.
  const bool is_own = IsOwnPidfdId(id);
  names_[kListenPid].is_ours = is_own;
  names_[kListenPidfdId].is_ours = is_own;
}

bool ProcessNames::Replaces(const char* entry) const {
  for (size_t at = 0; at < kCount; ++at) {
    const size_t length = strlen(kNames[at]);
    if (names_[at].is_ours && strncmp(entry, kNames[at], length) == 0 && entry[length] == '=') return true;
  }
  return false;
}

__attribute__((no_sanitize("thread", "address", "undefined"))) void ProcessNames::AddAbout(char** to) {
  for (size_t at = 0; at < kCount; ++at) {
    if (!names_[at].is_ours) continue;
    const uint64_t value = at == kListenPidfdId ? OwnPidfdId() : static_cast<uint64_t>(syscall(SYS_getpid));
    if (value == 0) continue;
    char* text = names_[at].entry.data();
    *to++ = text;
    for (const char* from = kNames[at]; *from != '\0'; ++from) *text++ = *from;
    *text++ = '=';
    *WriteDecimal(value, text) = '\0';
  }
  *to = nullptr;
}

bool IsStartedByManager() {
  if (getenv("SYSTEMD_EXEC_PID") != nullptr) return Names("SYSTEMD_EXEC_PID", getpid());
  // Before systemd 248 its children alone have its own process as their parent; all below them inherit the id.
  return getenv("INVOCATION_ID") != nullptr && (getppid() == 1 || Names("MANAGERPID", getppid()));
}

}  // namespace sigkit::init
