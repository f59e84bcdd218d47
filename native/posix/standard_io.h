#ifndef SIGKIT_POSIX_STANDARD_IO_H_
#define SIGKIT_POSIX_STANDARD_IO_H_

#include <vector>

#include "posix/unique_fd.h"

namespace sigkit {

// What a child's descriptor can be made from, besides one of ours (0 or more). lib/process/spawn/stdio.ts has the same
// numbers.
inline constexpr int kNullDevice = -1;
inline constexpr int kChildReads = -2;
inline constexpr int kChildWrites = -3;
inline constexpr int kBothWays = -4;

// The descriptors of a child before it exists, all close-on-exec: `child` is what it gets at each place, `ours` the
// other ends of the pipes in the same order.
struct StandardIo {
  std::vector<int> child;
  std::vector<UniqueFd> ours;
  std::vector<UniqueFd> owned;  // those of `child` that are to be closed once it has them
};

// Before anything is opened: a number that is not open now could be one of those by then. Both return 0 or a negative
// errno.
int CheckDescriptors(const std::vector<int>& wanted);
int OpenStandardIo(const std::vector<int>& wanted, StandardIo* made);

// How many bytes a pipe or stream socket holds for its reader, or a negative errno.
int UnreadBytes(int fd);

// Waits until something can be read from it, or nobody can write to it any more: 1, 0 after that time, or a negative
// errno.
int AwaitReadable(int fd, int milliseconds);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_STANDARD_IO_H_
