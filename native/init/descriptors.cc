#include "init/descriptors.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>

#include "posix/directory.h"
#include "posix/numbers.h"

namespace sigkit::init {
namespace {

// Where nothing lists them. A limit that somebody has set to infinity is a thousand million calls, a minute or two.
constexpr rlim_t kMostTried = 65'536;

bool IsIn(std::span<const int> kept, int fd) { return std::find(kept.begin(), kept.end(), fd) != kept.end(); }

// close_range(2), kernel 5.9.
bool CloseRange(unsigned first, unsigned last) {
  return first > last || syscall(SYS_close_range, first, last, 0U) == 0;
}

bool CloseBetween(std::span<const int> sorted) {
  unsigned first = 0;
  for (const int fd : sorted) {
    if (fd < 0) continue;
    const auto number = static_cast<unsigned>(fd);
    if (number > first && !CloseRange(first, number - 1)) return false;
    first = number + 1;
  }
  return CloseRange(first, UINT_MAX);
}

bool CloseListed(std::span<const int> kept) {
  const Directory folder(opendir("/proc/self/fd"));
  if (folder == nullptr) return false;
  while (const dirent* const entry = readdir(folder.get())) {
    int fd = -1;
    if (ParseNumber(entry->d_name, INT_MAX, &fd) && fd != dirfd(folder.get()) && !IsIn(kept, fd)) close(fd);
  }
  return true;
}

void CloseEachNumber(std::span<const int> kept) {
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  const auto end = static_cast<int>(std::min(limit.rlim_cur, kMostTried));
  for (int fd = 0; fd < end; ++fd) {
    if (!IsIn(kept, fd)) close(fd);
  }
}

}  // namespace

void CloseAllBut(std::span<int> kept) {
  std::sort(kept.begin(), kept.end());
  if (!CloseBetween(kept) && !CloseListed(kept)) CloseEachNumber(kept);
}

}  // namespace sigkit::init
