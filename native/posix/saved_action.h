#ifndef SIGKIT_POSIX_SAVED_ACTION_H_
#define SIGKIT_POSIX_SAVED_ACTION_H_

#include <signal.h>

#include "posix/syscalls.h"

namespace sigkit {

// An action that libuv displaces by sigaction(3) and that is to come back: as the kernel has it, and as libc gives it.
// A library that stands in front of libc's call (a sanitizer, libsigchain) keeps a table of its own, which only that
// call sets right.
class SavedAction {
 public:
  // Both return 0 or a negative errno.
  int Save(int signo);
  int PutBack(int signo) const;
  const KernelSigaction& kernel() const { return kernel_; }
  // As somebody else has found it.
  void Assign(const KernelSigaction& action) {
    kernel_ = action;
    has_libcs_ = false;
  }

 private:
  KernelSigaction kernel_;
  struct sigaction libcs_ = {};
  bool has_libcs_ = false;
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_SAVED_ACTION_H_
