#ifndef SIGKIT_POSIX_CHILD_WAIT_H_
#define SIGKIT_POSIX_CHILD_WAIT_H_

#include <sys/resource.h>
#include <sys/types.h>

#include <vector>

namespace sigkit {

// A change of a child's state as wait4(2) tells it.
struct ChildState {
  int status = 0;
  rusage usage = {};
};

// Of exactly this child, never any other: a wait for any (-1) would steal from libuv. Never waits. Each returns the
// pid, 0 if there is nothing to tell, or a negative errno. `flags` can add WUNTRACED and WCONTINUED.
int TakeChildState(pid_t pid, int flags, ChildState* state);
// Stops and continuations only: whoever waits for the exit still gets it.
int TakeStoppedOrContinued(pid_t pid, bool stopped, bool continued, ChildState* state);
// How it has exited; it stays a zombie for whoever is to reap it.
int PeekChildExit(pid_t pid, ChildState* state);
// The same by pidfd, kernel 5.4: never of a recycled pid.
int PeekPidfdExit(int pidfd, ChildState* state);

// One that is about to exit: waits for it.
void ReapChild(pid_t pid);
// Whether a child of ours is stopped now, by pidfd (kernel 5.4) or by pid, whichever is known; nothing is taken.
// Returns its pid, 0 if it is not, or a negative errno.
int PeekStopped(int pidfd, pid_t pid);

// The children of one thread of this process that have exited and wait to be reaped, as /proc lists them
// (/proc/PID/task/TID/children, proc(5)), in its order, without those in `known`, which is sorted. Returns 0 or a
// negative errno.
int ListZombies(pid_t tid, const std::vector<pid_t>& known, std::vector<pid_t>* zombies);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_CHILD_WAIT_H_
