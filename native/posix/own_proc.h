#ifndef SIGKIT_POSIX_OWN_PROC_H_
#define SIGKIT_POSIX_OWN_PROC_H_

namespace sigkit {

// Whether /proc tells of this pid namespace. After unshare(2) of one, without a new mount, it tells of the outer one,
// where each number is somebody else's. 0, -EXDEV if it does not, or a negative errno if it is not there.
int CheckOwnProc();

}  // namespace sigkit

#endif  // SIGKIT_POSIX_OWN_PROC_H_
