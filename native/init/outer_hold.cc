#include "init/outer_hold.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cinttypes>
#include <climits>
#include <cstdio>
#include <string_view>

#include "init/environment.h"
#include "init/start_record.h"
#include "posix/numbers.h"
#include "posix/unique_fd.h"

namespace sigkit::init {
namespace {

bool IsPipe(int fd, std::string_view inode) {
  struct stat about = {};
  if (fstat(fd, &about) == -1 || !S_ISFIFO(about.st_mode)) return false;
  std::array<char, 24> text = {};
  snprintf(text.data(), text.size(), "%" PRIu64, static_cast<uint64_t>(about.st_ino));
  return inode == text.data();
}

}  // namespace

void AnswerOuterHold() {
  const char* const fd = Spoken("SIGKIT_INIT_HOLD_FD");
  const char* const inode = Spoken("SIGKIT_INIT_HOLD_INODE");
  const char* const record = Spoken("SIGKIT_INIT_ORIGINAL");
  int number = -1;
  if (fd == nullptr || inode == nullptr || record == nullptr || !ParseNumber(fd, INT_MAX, &number)) return;
  if (!IsAboutThisProcess(record) || !IsPipe(number, inode)) return;
  const UniqueFd pipe(number);
  [[maybe_unused]] const ssize_t written = write(pipe.get(), "\n", 1);
  ForgetSpoken();
}

}  // namespace sigkit::init
