#ifndef SIGKIT_POSIX_THREAD_LIST_H_
#define SIGKIT_POSIX_THREAD_LIST_H_

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "posix/signal_set.h"

namespace sigkit {

// Every thread of this process, from /proc/self/task. Returns 0 or a negative errno.
int ListThreads(std::vector<pid_t>* tids);

// One thread as /proc/self/task/TID/status shows it (proc(5)).
struct ThreadStatus {
  SignalSet blocked;
  uint64_t context_switches = 0;  // voluntary and not: unchanged means it has not run meanwhile
  char state = '?';
};

// False when the thread is gone.
bool ReadThreadStatus(pid_t tid, ThreadStatus* status);

// Field 22 of /proc/self/task/TID/stat: with the tid it names a thread for good. 0 when the thread is gone.
uint64_t ThreadStartTime(pid_t tid);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_THREAD_LIST_H_
