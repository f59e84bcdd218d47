#ifndef SIGKIT_INIT_NAMESPACE_H_
#define SIGKIT_INIT_NAMESPACE_H_

#include <sys/types.h>

namespace sigkit::init {

// Has all further children of this process in a new pid namespace, with a process of ours as its PID 1, which reaps:
// when that one dies, the kernel ends all others. Who may not make one makes a user namespace, too, in which it stays
// who it is (user_namespaces(7)). Returns the pid of that process, or a negative errno.
pid_t EnterPidNamespace();

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_NAMESPACE_H_
