#ifndef SIGKIT_POSIX_SENDER_PROGRAM_H_
#define SIGKIT_POSIX_SENDER_PROGRAM_H_

#include <sys/types.h>

#include <array>
#include <cstddef>

namespace sigkit {

// The name and the arguments of a process, as far as they can be read at this moment and have room. Allocates nothing.
struct SenderProgram {
  void Read(pid_t pid);

  std::array<char, 64> name = {};
  // With a null character after each.
  std::array<char, 1024> arguments = {};
  size_t length = 0;
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_SENDER_PROGRAM_H_
