#ifndef SIGKIT_POSIX_OWN_PROC_H_
#define SIGKIT_POSIX_OWN_PROC_H_

namespace sigkit {

// Whether /proc speaks of this process's pid namespace: 0, -EXDEV (it is another one's, as after `unshare --pid --fork`
// without a new mount), or a negative errno (it is not there). Its numbers name strangers else. Async-signal-safe.
int CheckOwnProc();

}  // namespace sigkit

#endif  // SIGKIT_POSIX_OWN_PROC_H_
