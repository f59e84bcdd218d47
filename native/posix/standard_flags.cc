#include "posix/standard_flags.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>

namespace sigkit {
namespace {

struct StandardFile {
  bool blocks = false;
  dev_t device = 0;
  ino_t inode = 0;
};

using StandardFiles = std::array<StandardFile, 3>;

StandardFiles Look() {
  StandardFiles files;
  for (int fd = 0; StandardFile & file : files) {
    struct stat status = {};
    const int flags = fcntl(fd, F_GETFL);
    if (flags != -1 && fstat(fd, &status) == 0)
      file = {.blocks = (flags & O_NONBLOCK) == 0, .device = status.st_dev, .inode = status.st_ino};
    ++fd;
  }
  return files;
}

StandardFiles remembered;

}  // namespace

void RememberStandardFlags() {
  static const bool once = [] {
    remembered = Look();
    return true;
  }();
  static_cast<void>(once);
}

void RestoreStandardFlags() {
  for (int fd = 0; const StandardFile& file : remembered) {
    struct stat status = {};
    const int flags = fcntl(fd, F_GETFL);
    const bool same =
        flags != -1 && fstat(fd, &status) == 0 && status.st_dev == file.device && status.st_ino == file.inode;
    if (same && file.blocks && (flags & O_NONBLOCK) != 0) fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    ++fd;
  }
}

}  // namespace sigkit
