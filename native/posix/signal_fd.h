#ifndef SIGKIT_POSIX_SIGNAL_FD_H_
#define SIGKIT_POSIX_SIGNAL_FD_H_

#include <cstddef>

#include "posix/owned_fd.h"
#include "posix/signal_record.h"
#include "posix/signal_set.h"

namespace sigkit {

// signalfd(2): pending signals of the process as a descriptor that an event loop can poll.
class SignalFd {
 public:
  // As many as one Read hands out at most.
  static constexpr size_t kBatch = 64;

  // The descriptor, or a negative errno.
  int Open();
  void Close();
  // False when it is not open, or somebody else has closed it.
  bool IsOpen() const { return fd_.HasOurMark(); }
  // Which signals it is readable for: at first none.
  void Watch(SignalSet signals);
  // Takes up to `limit` pending signals, without waiting; without a descriptor one by one (sigtimedwait(2)).
  size_t Read(SignalRecord* into, size_t limit);

 private:
  OwnedFd fd_;
  SignalSet watched_;
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_SIGNAL_FD_H_
