#ifndef SIGKIT_POSIX_PROCESS_GROUP_H_
#define SIGKIT_POSIX_PROCESS_GROUP_H_

#include <sys/types.h>

namespace sigkit {

// Groups, sessions and terminals (credentials(7)), and whose children are whose (prctl(2)). Each returns a value of 0
// or more, or a negative errno.
int SetGroup(pid_t pid, pid_t group);
int GroupOf(pid_t pid);
int StartSession();
int SessionOf(pid_t pid);
int ForegroundGroup(int terminal);
// Also from a background group: SIGTTOU, which would stop it, is blocked around the call (tcsetpgrp(3)).
int SetForegroundGroup(int terminal, pid_t group);
int SetSubreaper(bool on);
int IsSubreaper();
// 0: none.
int SetParentDeathSignal(int signo);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_PROCESS_GROUP_H_
