#ifndef SIGKIT_INIT_HOLD_H_
#define SIGKIT_INIT_HOLD_H_

#include <sys/types.h>

#include <array>

#include "posix/clock.h"
#include "posix/unique_fd.h"

namespace sigkit::init {

// Until the child says that it is armed: a pipe that it inherits, and the variables that name it. init's end stays open
// as long as the child lives: who is armed late must not die of it.
class Hold {
 public:
  // Returns 0 or a negative errno.
  int Open(Time seconds);
  // Once the child has its end.
  void CloseChildEnd() { child_end_.Reset(); }

  bool holds() const { return holds_; }
  // Waits for a signal that is pending, the child's word, or that time. Without room for more, signals are looked for
  // now and then only: the pending ones would end each wait at once.
  void Wait(Time until, bool has_room);
  // Whether the byte has come, the last writer has gone, or time is up: then it holds no more. The writer that goes by
  // the child's own end does not count.
  bool Ends(pid_t child);

  // What it still needs once the child has its end; -1: nothing.
  std::array<int, 2> descriptors() const { return {reader_.get(), arrivals_.get()}; }

  char* fd_variable() { return fd_variable_.data(); }
  char* inode_variable() { return inode_variable_.data(); }

 private:
  UniqueFd reader_;
  UniqueFd child_end_;
  UniqueFd arrivals_;  // readable when a signal is pending, never read; none where signalfd(2) is forbidden
  bool holds_ = false;
  Time deadline_ = kNever;
  std::array<char, 48> fd_variable_ = {};
  std::array<char, 48> inode_variable_ = {};
};

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_HOLD_H_
