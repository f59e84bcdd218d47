#ifndef SIGKIT_POSIX_UNIQUE_FD_H_
#define SIGKIT_POSIX_UNIQUE_FD_H_

#include <unistd.h>

namespace sigkit {

class UniqueFd {
 public:
  explicit UniqueFd(int fd) : fd_(fd) {}
  ~UniqueFd() {
    if (fd_ >= 0) close(fd_);
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_UNIQUE_FD_H_
