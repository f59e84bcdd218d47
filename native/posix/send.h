#ifndef SIGKIT_POSIX_SEND_H_
#define SIGKIT_POSIX_SEND_H_

#include <signal.h>
#include <sys/types.h>

#include <cstdint>

#include "posix/syscalls.h"

namespace sigkit {

// Each returns 0 or a negative errno.
int Kill(pid_t pid, int signo);
// tgkill(2): a thread of this or of another process, found through /proc. -ESRCH when there is none,
// -EXDEV when it would have to be looked up in a /proc that is not this process's (own_proc.h).
int KillThread(pid_t tid, int signo);
// To this process as a whole, but marked as tgkill(2) marks its signals.
int KillOwnProcessAsThread(int signo);
// With this siginfo: towards another process, and in all threads but the main one, only one with a code of sigqueue(3).
int QueueInfo(pid_t pid, const siginfo_t& info);
// As sigqueue(3), with all 64 bits of the value.
int Queue(pid_t pid, int signo, uint64_t value);

// Has the signal do in the calling thread, which blocks it, what this action says: the end of the process, maybe.
void ActHere(int signo, const KernelSigaction& action);
// Ends the process as if `signo` had killed it; where that cannot happen (PID 1), by exit status 128 + signo.
[[noreturn]] void DieOf(int signo);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_SEND_H_
