#include "posix/thread_status.h"

#include <fcntl.h>
#include <link.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "posix/syscalls.h"
#include "posix/unique_fd.h"

namespace sigkit {
namespace {

// PF_IO_WORKER and PF_USER_WORKER of the kernel's include/linux/sched.h.
constexpr uint64_t kKernelWorker = 0x10 | 0x4000;

// A file of /proc, line by line or as one text, however long: of 65,536 supplementary groups one line of status has
// 700 KB.
class TaskFile {
 public:
  TaskFile(pid_t tid, const char* name) {
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/task/%d/%s", tid, name);
    fd_.Reset(open(path, O_RDONLY | O_CLOEXEC));
    if (fd_.get() < 0) error_ = -errno;
  }
  int error() const { return error_; }

  // The next line, cut off where it is longer than ours need to be; null at the end and after an error.
  const char* NextLine() {
    size_t length = 0;
    for (;;) {
      if (at_ == filled_ && !Fill()) break;
      const char c = buffer_[at_++];
      if (c == '\n') {
        line_[length] = '\0';
        return line_.data();
      }
      if (length < line_.size() - 1) line_[length++] = c;
    }
    line_[length] = '\0';
    return length > 0 ? line_.data() : nullptr;
  }

 private:
  bool Fill() {
    if (error_ < 0) return false;
    ssize_t got;
    while ((got = read(fd_.get(), buffer_.data(), buffer_.size())) < 0 && errno == EINTR) continue;
    if (got < 0) error_ = -errno;
    at_ = 0;
    filled_ = got > 0 ? static_cast<size_t>(got) : 0;
    return got > 0;
  }

  UniqueFd fd_;
  int error_ = 0;
  size_t at_ = 0;
  size_t filled_ = 0;
  std::array<char, 4096> buffer_;
  std::array<char, 512> line_;
};

const char* After(const char* line, const char* label) {
  const size_t length = strlen(label);
  return strncmp(line, label, length) == 0 ? line + length : nullptr;
}

// The name in field 2 may hold blanks and brackets: fields are counted from its last bracket.
uint64_t StatField(pid_t tid, int wanted) {
  TaskFile file(tid, "stat");
  const char* line = file.NextLine();
  const char* field = line == nullptr ? nullptr : strrchr(line, ')');
  for (int number = 2; number < wanted && field != nullptr; ++number) field = strchr(field + 1, ' ');
  return field == nullptr ? 0 : strtoull(field, nullptr, 10);
}

int IsInProgram(dl_phdr_info* info, size_t, void* address) {
  const auto wanted = *static_cast<const uintptr_t*>(address);
  for (int index = 0; index < info->dlpi_phnum; ++index) {
    const auto& header = info->dlpi_phdr[index];
    const uintptr_t start = info->dlpi_addr + header.p_vaddr;
    if (header.p_type == PT_LOAD && wanted >= start && wanted - start < header.p_memsz) return 2;
  }
  // The first object is the executable (dl_iterate_phdr(3)).
  return 1;
}

bool TakeSet(const char* line, const char* label, SignalSet* set) {
  const char* value = After(line, label);
  if (value != nullptr) *set = SignalSet(strtoull(value, nullptr, 16));
  return value != nullptr;
}

bool TakeNumber(const char* line, const char* label, uint64_t* number) {
  const char* value = After(line, label);
  if (value != nullptr) *number = strtoull(value, nullptr, 10);
  return value != nullptr;
}

bool TakeField(const char* line, ThreadStatus* status) {
  if (const char* state = After(line, "State:\t"); state != nullptr) {
    status->state = *state;
    return true;
  }
  uint64_t involuntary = 0;
  if (TakeNumber(line, "nonvoluntary_ctxt_switches:\t", &involuntary)) {
    status->context_switches = status->voluntary_switches + involuntary;
    return true;
  }
  return TakeSet(line, "SigPnd:\t", &status->pending) || TakeSet(line, "SigBlk:\t", &status->blocked) ||
         TakeNumber(line, "voluntary_ctxt_switches:\t", &status->voluntary_switches);
}

}  // namespace

int ReadThreadStatus(pid_t tid, ThreadStatus* status) {
  TaskFile file(tid, "status");
  int fields = 0;
  while (const char* line = file.NextLine()) fields += TakeField(line, status) ? 1 : 0;
  if (file.error() < 0) return file.error();
  if (fields == 0 || status->state == 'Z' || status->state == 'X') return -ESRCH;
  constexpr int kFields = 5;
  return fields == kFields ? 0 : -EPROTO;
}

bool ThreadIsGone(pid_t tid) { return SendToThread(tid, 0) == -ESRCH; }

uint64_t ThreadStartTime(pid_t tid) {
  constexpr int kStartTime = 22;
  return StatField(tid, kStartTime);
}

uint64_t ThreadRunTime(pid_t tid) {
  TaskFile file(tid, "schedstat");
  const char* line = file.NextLine();
  return line == nullptr ? 0 : strtoull(line, nullptr, 10);
}

long CallOf(pid_t tid, uintptr_t* argument) {
  TaskFile file(tid, "syscall");
  const char* line = file.NextLine();
  if (line == nullptr) return kNoCall;
  if (strcmp(line, "running") == 0) return kRuns;
  char* end = nullptr;
  const long call = strtol(line, &end, 10);
  *argument = strtoull(end, nullptr, 16);
  return call;
}

Rest RestOf(pid_t tid, uintptr_t* stack, uintptr_t* place) {
  TaskFile file(tid, "syscall");
  const char* line = file.NextLine();
  if (line == nullptr) return Rest::kUnknown;
  if (strcmp(line, "running") == 0) return Rest::kAwake;
  const char* const last = strrchr(line, ' ');
  const char* before = last == nullptr || last == line ? line : last - 1;
  while (before > line && *before != ' ') --before;
  if (before == line) return Rest::kUnknown;
  *stack = strtoull(before, nullptr, 16);
  *place = strtoull(last, nullptr, 16);
  return Rest::kAsleep;
}

KernelPlace KernelPlaceOf(pid_t tid) {
  KernelPlace place;
  TaskFile file(tid, "wchan");
  const char* line = file.NextLine();
  if (line == nullptr || strcmp(line, "0") == 0) return place;
  const size_t length = std::min(strlen(line), place.name.size() - 1);
  memcpy(place.name.data(), line, length);
  return place;
}

bool SleepsForGood(pid_t tid) {
  constexpr int kFlags = 9;
  if ((StatField(tid, kFlags) & kKernelWorker) != 0) return true;
  uintptr_t address = 0;
  if (CallOf(tid, &address) != SYS_futex) return false;
  return dl_iterate_phdr(IsInProgram, &address) == 2;
}

Waits WaitsForSignal(pid_t tid, int signo) {
  uintptr_t address = 0;
  const long call = CallOf(tid, &address);
  if (call != SYS_rt_sigtimedwait) return call == kRuns ? Waits::kUnknown : Waits::kNo;
  // The thread may return at any moment, and its stack may go: so by a call that can fail.
  uint64_t bits = 0;
  const iovec own = {&bits, sizeof(bits)};
  // NOLINTNEXTLINE(performance-no-int-to-ptr): it is the address that the thread has handed to the kernel
  const iovec its = {reinterpret_cast<void*>(address), sizeof(bits)};
  const bool read = process_vm_readv(getpid(), &own, 1, &its, 1, 0) == sizeof(bits);
  return !read || SignalSet(bits).Has(signo) ? Waits::kYes : Waits::kNo;
}

}  // namespace sigkit
