#ifndef SIGKIT_POSIX_PID_NAMESPACE_H_
#define SIGKIT_POSIX_PID_NAMESPACE_H_

namespace sigkit {

// Whether this process is in the first pid namespace, outside of which nobody is: 1, 0, or a negative errno where /proc
// does not tell.
int IsInFirstPidNamespace();

}  // namespace sigkit

#endif  // SIGKIT_POSIX_PID_NAMESPACE_H_
