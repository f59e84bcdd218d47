#ifndef SIGKIT_INIT_REMAINDER_H_
#define SIGKIT_INIT_REMAINDER_H_

#include <sys/types.h>

#include <array>

namespace sigkit::init {

// All that init can reach: as PID 1 every process of its namespace, else its children, among which the orphans of a
// subreaper are.
class Remainder {
 public:
  // Whether there is anything left, zombies included.
  static bool Any();
  // Whether somebody else's children are among them, of whose end SIGCHLD does not tell (`docker exec`).
  static bool HasStrangers();
  // Each returns 0, or a negative errno where /proc does not tell the children.
  static int Kill();
  // SIGTERM, and SIGCONT for what is stopped: to each once, also to those that are adopted later.
  int Terminate();
  static int Send(int signo);

 private:
  bool HasBeenTold(pid_t pid) const;

  std::array<pid_t, 1024> told_ = {};  // with more, some are told again
  size_t told_count_ = 0;
};

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_REMAINDER_H_
