#include "posix/pid_namespace.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

namespace sigkit {
namespace {

// Its inode number is fixed (PROC_PID_INIT_INO, kernel 3.8).
constexpr std::string_view kFirst = "pid:[4026531836]";

}  // namespace

int IsInFirstPidNamespace() {
  std::array<char, 64> text;
  const ssize_t length = readlink("/proc/self/ns/pid", text.data(), text.size());
  if (length < 0) return -errno;
  return std::string_view(text.data(), static_cast<size_t>(length)) == kFirst ? 1 : 0;
}

}  // namespace sigkit
