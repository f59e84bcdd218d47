#include "init/start_record.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "init/decimal.h"
#include "posix/process_stat.h"

namespace sigkit::init {
namespace {

constexpr char kName[] = "SIGKIT_INIT_ORIGINAL=";

// All of this runs between clone(2) and execve(2).
__attribute__((no_sanitize("thread", "address", "undefined"))) char* WriteHexadecimal(uint64_t value, char* to) {
  for (int shift = 60; shift >= 0; shift -= 4) *to++ = "0123456789abcdef"[(value >> shift) & 15U];
  return to;
}

__attribute__((no_sanitize("thread", "address", "undefined"))) uint64_t OwnStartTime() {
  return StatNumber("/proc/self/stat", kStartTime);
}

}  // namespace

StartRecord::StartRecord(SignalSet ignored_signals, SignalSet blocked_signals)
    : ignored(ignored_signals), blocked(blocked_signals) {
  memcpy(variable, kName, sizeof(kName));
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) open_files = limit.rlim_cur;
}

__attribute__((no_sanitize("thread", "address", "undefined"))) void CompleteStartRecord(StartRecord* record) {
  const uint64_t start_time = OwnStartTime();
  if (start_time == 0) return;
  char* at = record->variable + sizeof(kName) - 1;
  at = WriteDecimal(static_cast<uint64_t>(syscall(SYS_getpid)), at);
  *at++ = ':';
  at = WriteDecimal(start_time, at);
  *at++ = ':';
  at = WriteHexadecimal(record->ignored.bits(), at);
  *at++ = ':';
  at = WriteHexadecimal(record->blocked.bits(), at);
  *at++ = ':';
  at = WriteDecimal(record->open_files, at);
  *at = '\0';
}

bool IsAboutThisProcess(const char* record) {
  std::array<char, 48> own = {};
  char* at = WriteDecimal(static_cast<uint64_t>(getpid()), own.data());
  *at++ = ':';
  at = WriteDecimal(OwnStartTime(), at);
  *at++ = ':';
  return std::string_view(record).starts_with(std::string_view(own.data(), static_cast<size_t>(at - own.data())));
}

}  // namespace sigkit::init
