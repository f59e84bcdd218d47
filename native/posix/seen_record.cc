#include "posix/seen_record.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <string>

namespace sigkit {
namespace {

constexpr unsigned kCloseOnExec = 1;  // MFD_CLOEXEC
constexpr size_t kNumber = 11;
constexpr size_t kText = SeenRecord::kSize - 2 * kNumber;

}  // namespace

int SeenRecord::Open(const char* name) {
  UniqueFd file(static_cast<int>(syscall(SYS_memfd_create, name, kCloseOnExec)));
  if (file.get() < 0) return -errno;
  if (ftruncate(file.get(), kSize) < 0) return -errno;
  file_.Reset(std::move(file));
  return 0;
}

// From the end to the front, against those who read.
bool SeenRecord::Write(std::string_view text) {
  if (text.size() >= kText || !file_.IsStillOurs()) return false;
  std::array<char, kNumber + 1> number;
  snprintf(number.data(), number.size(), "%010u\n", ++count_);
  std::string line(text);
  line.resize(kText - 1, ' ');
  line += '\n';
  const int file = file_.get();
  return pwrite(file, number.data(), kNumber, kNumber + kText) > 0 && pwrite(file, line.data(), kText, kNumber) > 0 &&
         pwrite(file, number.data(), kNumber, 0) > 0;
}

}  // namespace sigkit
