#ifndef SIGKIT_POSIX_SPAWN_CHILD_H_
#define SIGKIT_POSIX_SPAWN_CHILD_H_

#include "posix/spawn_request.h"

namespace sigkit {

// All that the child needs, laid out before it exists, and its answer. Plain pointers into the memory of the parent, or
// into the child's copy of it.
struct ChildPlan {
  const SpawnRequest* request;
  pid_t parent;
  const char* const* files;  // each list ends with a null
  char* const* arguments;
  char* const* environment;
  const char* directory;  // null: the parent's
  int* descriptors;
  int descriptor_count;
  int terminal;                      // as in the request; ours until descriptors are placed
  int former_group;                  // of the terminal; 0 until the child's has taken its place
  void (*in_own_group)(ChildPlan*);  // if any, runs once the group is set, before the terminal is; async-signal-safe
  void* in_own_group_argument;
  bool enters_cgroup = false;  // by itself: it could not be born there
  long bounding_set = 0;       // 0 or a negative errno: whether it could be dropped
  bool apart;                  // in a copy of the parent's memory, but for this plan; the parent goes on at once
  // The child's answer, which other threads may read before there is one.
  int error;  // a negative errno
  SpawnStep step;
  const char* tried;  // the last of the files
  pid_t pid;          // its own, once it runs; 0 before
  int pidfd;          // by the kernel, before it runs; -1: none
  // The parent's: it waits for the exec no more, and sends to the child as to any.
  bool taken_over;
};

// What runs in the child, between clone(2) and execve(2), with all signals blocked. Async-signal-safe: no allocation,
// no lock, no libc function that has a state or a rule of its own (its setuid(2) would ask the parent's threads). Never
// returns.
int RunChild(void* plan);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_SPAWN_CHILD_H_
