#include "posix/owned_fd.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <cerrno>

namespace sigkit {
namespace {

// All eventfds, signalfds, epoll instances, and pidfds before kernel 6.9, share one inode (fs/anon_inodes.c). The
// number of F_SETSIG (fcntl(2)) belongs to the open file and does nothing without O_ASYNC: a stranger's is 0. Where a
// sandbox refuses it, the inode alone decides.
int NextMark() {
  static std::atomic<unsigned> count{0};
  constexpr unsigned kMarks = 64;
  return static_cast<int>(count++ % kMarks) + 1;
}

// By number; of higher ones nobody asks.
constexpr size_t kNoted = 4096;
constexpr size_t kBits = 64;
std::array<std::atomic<uint64_t>, kNoted / kBits> held = {};

void Note(int fd, bool on) {
  const auto number = static_cast<size_t>(fd);
  if (fd < 0 || number >= kNoted) return;
  const uint64_t bit = uint64_t{1} << (number % kBits);
  if (on) {
    held[number / kBits] |= bit;
  } else {
    held[number / kBits] &= ~bit;
  }
}

}  // namespace

bool OwnedFd::Holds(int fd) {
  const auto number = static_cast<size_t>(fd);
  return fd >= 0 && number < kNoted && ((held[number / kBits] >> (number % kBits)) & 1U) != 0;
}

OwnedFd& OwnedFd::operator=(OwnedFd&& other) noexcept {
  if (this == &other) return *this;
  Reset();
  fd_ = std::exchange(other.fd_, -1);
  identity_ = other.identity_;
  return *this;
}

OwnedFd::Identity OwnedFd::IdentityOf(int fd) {
  struct stat status = {};
  // Not fstat(2): a sanitizer takes the look at a number that others close and open for a race about its file.
  if (fstatat(fd, "", &status, AT_EMPTY_PATH) == -1) return {};
  const int mark = fcntl(fd, F_GETSIG);
  return {
      .device = status.st_dev, .inode = status.st_ino, .kind = status.st_mode & S_IFMT, .mark = mark < 0 ? 0 : mark};
}

bool OwnedFd::IsStillOurs() const {
  if (fd_ < 0) return false;
  const int error = errno;
  const Identity now = IdentityOf(fd_);
  errno = error;
  // Neither an open file nor a mark has an inode of 0.
  return now.inode != 0 && now.inode == identity_.inode && now.device == identity_.device &&
         now.kind == identity_.kind && now.mark == identity_.mark;
}

bool OwnedFd::HasOurMark() const {
  if (identity_.mark == 0) return IsStillOurs();
  if (fd_ < 0) return false;
  const int error = errno;
  const int mark = fcntl(fd_, F_GETSIG);
  errno = error;
  return mark == identity_.mark;
}

void OwnedFd::Reset(UniqueFd fd) {
  Note(fd_, false);
  if (IsStillOurs()) close(fd_);
  fd_ = fd.Release();
  Note(fd_, true);
  if (fd_ < 0) return;
  // A copy has the mark of its original: they are one open file.
  if (fcntl(fd_, F_GETSIG) == 0) fcntl(fd_, F_SETSIG, NextMark());
  identity_ = IdentityOf(fd_);
}

UniqueFd OwnedFd::Release() {
  const bool ours = IsStillOurs();
  Note(fd_, false);
  const int fd = std::exchange(fd_, -1);
  return UniqueFd(ours ? fd : -1);
}

}  // namespace sigkit
