#include "init/process_stat.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sigkit::init {
namespace {

constexpr int kName = 2;  // in parentheses, and may contain anything

}  // namespace

// It runs between clone(2) and execve(2), too.
__attribute__((no_sanitize("thread", "address", "undefined"))) uint64_t StatNumber(const char* path, int field) {
  char text[1024];
  const long file = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  const long length = syscall(SYS_read, file, text, sizeof(text) - 1);
  syscall(SYS_close, file);
  if (length <= 0) return 0;
  text[length] = '\0';
  const char* at = text + length;
  while (at > text && *at != ')') --at;
  for (int passed = kName; passed < field && *at != '\0'; ++at) passed += *at == ' ' ? 1 : 0;
  uint64_t number = 0;
  for (; *at >= '0' && *at <= '9'; ++at) number = number * 10 + static_cast<uint64_t>(*at - '0');
  return number;
}

}  // namespace sigkit::init
