#ifndef SIGKIT_INIT_TERMINAL_H_
#define SIGKIT_INIT_TERMINAL_H_

#include <sys/types.h>

#include "posix/unique_fd.h"

namespace sigkit::init {

// The controlling terminal, if there is one (credentials(7)).
class Terminal {
 public:
  void Open();
  bool exists() const { return file_.get() >= 0; }
  int file() const { return file_.get(); }
  // Whether init's own group is in the foreground.
  bool IsOurs() const;
  void Give(pid_t group) const;
  // Makes init's own group the foreground again, if it is still that of the child.
  void TakeBackFrom(pid_t group) const;

 private:
  UniqueFd file_;
};

// Stops init's own group as the terminal would: who has started it in a shell expects it to stop with its child. Comes
// back when it is continued, or at once where there is nobody to continue it (an orphaned group).
void StopOwnGroup(int signo);

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_TERMINAL_H_
