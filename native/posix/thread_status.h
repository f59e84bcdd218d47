#ifndef SIGKIT_POSIX_THREAD_STATUS_H_
#define SIGKIT_POSIX_THREAD_STATUS_H_

#include <sys/types.h>

#include <array>
#include <cstdint>

#include "posix/signal_set.h"

namespace sigkit {

// What /proc/self/task/TID tells of one thread (proc(5)).

struct ThreadStatus {
  SignalSet blocked;
  SignalSet pending;  // for this thread alone
  uint64_t voluntary_switches = 0;
  uint64_t context_switches = 0;  // involuntary ones, too: unchanged means it has not run meanwhile
  char state = '?';
};

// Returns 0 or a negative errno: -ENOENT or -ESRCH when the thread is gone, -EPROTO when a line is missing.
int ReadThreadStatus(pid_t tid, ThreadStatus* status);

// Needs no /proc.
bool ThreadIsGone(pid_t tid);

// Field 22 of stat: with the tid it names a thread for good. 0 when the thread is gone.
uint64_t ThreadStartTime(pid_t tid);

// Nanoseconds for which the thread has run, from schedstat: it grows while it runs. 0 where the kernel keeps none.
uint64_t ThreadRunTime(pid_t tid);

// The system call in which a thread sleeps, and its first argument. Negative: kRuns, or kNoCall also where this is not
// to be had.
inline constexpr long kNoCall = -1;
inline constexpr long kRuns = -2;
long CallOf(pid_t tid, uintptr_t* argument);

// Where it sleeps, in a system call or not: its stack pointer, and its program counter.
enum class Rest { kUnknown, kAwake, kAsleep };
Rest RestOf(pid_t tid, uintptr_t* stack, uintptr_t* place);

// What it waits for inside the kernel, as proc(5) names it; empty where the kernel does not tell.
struct KernelPlace {
  std::array<char, 64> name = {};
};
KernelPlace KernelPlaceOf(pid_t tid);

// A thread that never opens the mask with which it sleeps: one of the kernel's own (io_uring's), or the one of Node's
// inspector, which waits on a word of the executable itself.
bool SleepsForGood(pid_t tid);
// kYes: it sleeps in sigtimedwait(2) for this signal, among others. It would take one that is directed at it, and its
// status shows what it waits for as not blocked. kUnknown: it does not sleep in a call now.
enum class Waits { kNo, kYes, kUnknown };
Waits WaitsForSignal(pid_t tid, int signo);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_THREAD_STATUS_H_
