#ifndef SIGKIT_INIT_SIGNAL_KINDS_H_
#define SIGKIT_INIT_SIGNAL_KINDS_H_

#include <signal.h>

namespace sigkit::init {

// glibc's, and systemd's and Docker's with every libc: one static init serves images of all. musl's own is 35.
inline constexpr int kRtmin = 34;

// What ends a program in order: by a service manager, from the keyboard.
constexpr bool IsTermination(int signo) { return signo == SIGTERM || signo == SIGINT || signo == SIGQUIT; }

// Job control; an orphaned group does not stop by these (setpgid(2)).
constexpr bool IsTerminalStop(int signo) { return signo == SIGTSTP || signo == SIGTTIN || signo == SIGTTOU; }

// What leaves a process stopped.
constexpr bool IsStop(int signo) { return signo == SIGSTOP || IsTerminalStop(signo); }

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_SIGNAL_KINDS_H_
