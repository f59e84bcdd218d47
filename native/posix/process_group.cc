#include "posix/process_group.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>

#include "posix/syscalls.h"

namespace sigkit {
namespace {

int Result(int returned) { return returned == -1 ? -errno : returned; }

}  // namespace

int SetGroup(pid_t pid, pid_t group) { return Result(setpgid(pid, group)); }

int GroupOf(pid_t pid) { return Result(getpgid(pid)); }

int StartSession() { return Result(setsid()); }

int SessionOf(pid_t pid) { return Result(getsid(pid)); }

int ForegroundGroup(int terminal) { return Result(tcgetpgrp(terminal)); }

int SetForegroundGroup(int terminal, pid_t group) {
  SignalSet mask;
  ChangeMask(MaskHow::kBlock, SignalSet::Of(SIGTTOU), &mask);
  const int result = Result(ioctl(terminal, TIOCSPGRP, &group));
  ChangeMask(MaskHow::kSet, mask, nullptr);
  return result;
}

int SetSubreaper(bool on) { return Result(prctl(PR_SET_CHILD_SUBREAPER, on ? 1 : 0, 0, 0, 0)); }

int IsSubreaper() {
  int on = 0;
  const int result = Result(prctl(PR_GET_CHILD_SUBREAPER, &on, 0, 0, 0));
  return result < 0 ? result : static_cast<int>(on != 0);
}

int SetParentDeathSignal(int signo) { return Result(prctl(PR_SET_PDEATHSIG, signo, 0, 0, 0)); }

}  // namespace sigkit
