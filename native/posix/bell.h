#ifndef SIGKIT_POSIX_BELL_H_
#define SIGKIT_POSIX_BELL_H_

#include "posix/owned_fd.h"

namespace sigkit {

// Wakes a thread that sleeps in poll(2), also when somebody closes its descriptors: poll(2) holds the end that it waits
// on, and the end of the other one hangs it up. A socket, whose calls can be told not to wait, and fail on any other
// kind of file. Callers hold a lock of their own.
class Bell {
 public:
  // Mends what is no longer ours. Returns 0 or a negative errno.
  int Open();
  void Close();
  // What to wait for input on.
  int get() const { return inner_.get(); }
  void Ring();
  // Makes it silent again.
  void Answer();

 private:
  OwnedFd inner_;
  OwnedFd outer_;
  bool rung_ = false;
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_BELL_H_
