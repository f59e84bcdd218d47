#ifndef SIGKIT_POSIX_SYSCALL_NAMES_H_
#define SIGKIT_POSIX_SYSCALL_NAMES_H_

namespace sigkit {

// Of those in which a thread may sleep; null of any other.
const char* SyscallName(long number);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_SYSCALL_NAMES_H_
