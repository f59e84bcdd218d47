#ifndef SIGKIT_INIT_REAPING_H_
#define SIGKIT_INIT_REAPING_H_

#include <sys/wait.h>

namespace sigkit::init {

// Else it has been stopped or continued.
inline bool HasEnded(int status) { return WIFEXITED(status) || WIFSIGNALED(status); }

// Calls visit(pid, status) for each child that has ended, stopped or been continued since: one SIGCHLD can stand for
// many.
template <typename Visit>
void ForEachChange(Visit visit) {
  int status = 0;
  for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED)) > 0;) visit(pid, status);
}

// A line about an orphan that was reaped.
void ReportReaped(pid_t pid, int status);

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_REAPING_H_
