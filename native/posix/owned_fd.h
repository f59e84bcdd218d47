#ifndef SIGKIT_POSIX_OWNED_FD_H_
#define SIGKIT_POSIX_OWNED_FD_H_

#include <sys/types.h>

#include <utility>

#include "posix/unique_fd.h"

namespace sigkit {

// A descriptor that lasts, in a process where others may close what is not theirs (closefrom(3), a double close): it
// knows whether its number still stands for the file that was opened, and does not close what somebody else has opened
// under it. Ask before each use that would read, block or act on the wrong file; between the question and the use
// another thread can still come in, so the use itself should not block and not trust what it reads.
class OwnedFd {
 public:
  OwnedFd() = default;
  explicit OwnedFd(UniqueFd fd) { Reset(std::move(fd)); }
  ~OwnedFd() { Reset(); }
  OwnedFd(const OwnedFd&) = delete;
  OwnedFd& operator=(const OwnedFd&) = delete;
  OwnedFd(OwnedFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)), identity_(other.identity_) {}
  OwnedFd& operator=(OwnedFd&& other) noexcept;

  // The number, whoever's it is by now; -1: there was never one.
  int get() const { return fd_; }
  // Async-signal-safe; errno is left as it was.
  bool IsStillOurs() const;
  // The same by one call, for use with each signal: who puts the mark of one of ours on a file is not told from us.
  bool HasOurMark() const;
  // Closes the one before, if that is still ours.
  void Reset(UniqueFd fd = UniqueFd());
  // Hands it on; none where it is no longer ours.
  UniqueFd Release();
  // Whether there is one of these with that number.
  static bool Holds(int fd);

 private:
  struct Identity {
    dev_t device = 0;
    ino_t inode = 0;
    mode_t kind = 0;
    int mark = 0;
  };
  static Identity IdentityOf(int fd);

  int fd_ = -1;
  Identity identity_;
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_OWNED_FD_H_
