#include "init/terminal.h"

#include <fcntl.h>
#include <unistd.h>

#include "init/own_fd.h"
#include "posix/process_group.h"
#include "posix/send.h"
#include "posix/syscalls.h"

namespace sigkit::init {

void Terminal::Open() {
  file_ = OwnFd(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (exists()) return;
  // A container may have no /dev/tty.
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && !exists(); ++fd) {
    if (ForegroundGroup(fd) >= 0) file_.Reset(fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  }
}

bool Terminal::IsOurs() const {
  if (!exists()) return false;
  // A group outside of this pid namespace has no number here. But to read is refused to a background group, also to
  // read nothing (EIO, as SIGTTIN is blocked).
  if (getpgrp() == 0) return read(file(), nullptr, 0) == 0;
  return ForegroundGroup(file()) == getpgrp();
}

void Terminal::Give(pid_t group) const { SetForegroundGroup(file(), group); }

void Terminal::TakeBackFrom(pid_t group) const {
  if (exists() && ForegroundGroup(file()) == group) SetForegroundGroup(file(), getpgrp());
}

void StopOwnGroup(int signo) {
  Kill(0, signo);
  ChangeMask(MaskHow::kUnblock, SignalSet::Of(signo), nullptr);
  ChangeMask(MaskHow::kBlock, SignalSet::Of(signo), nullptr);
}

}  // namespace sigkit::init
