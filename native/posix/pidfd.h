#ifndef SIGKIT_POSIX_PIDFD_H_
#define SIGKIT_POSIX_PIDFD_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace sigkit {

// pidfd_open(2), kernel 5.3. Returns a descriptor (close-on-exec), or a negative errno; -ESRCH also for a thread's id
// and for a process that is being reaped.
int OpenPidfd(pid_t pid);

// Many are about to be opened. Where threads share the table of descriptors, each time that it grows takes some ten
// milliseconds (expand_fdtable of fs/file.c waits for RCU), and by itself it only doubles.
void ExpectPidfds(int count);

// pidfd_send_signal(2), kernel 5.1, with SI_USER, or with SI_QUEUE and a value. Returns 0 or a negative errno.
int SignalPidfd(int pidfd, int signo, std::optional<uint64_t> value);

// The wait status of a process that has exited, whoever's child it was and reaped or not: PIDFD_GET_INFO, kernel 6.15.
// Returns 0 or a negative errno.
int ExitStatusOf(int pidfd, int* status);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_PIDFD_H_
