#include "posix/send.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "posix/own_proc.h"
#include "posix/signal_set.h"
#include "posix/syscalls.h"

namespace sigkit {
namespace {

// The process that a thread belongs to: Tgid in /proc/TID/status, which exists for threads too though it is not listed.
pid_t ProcessOf(pid_t tid) {
  char path[48];
  snprintf(path, sizeof(path), "/proc/%d/status", tid);
  FILE* file = fopen(path, "re");
  if (file == nullptr) return 0;
  char line[256];
  pid_t process = 0;
  while (process == 0 && fgets(line, sizeof(line), file) != nullptr) {
    if (strncmp(line, "Tgid:", 5) == 0) process = static_cast<pid_t>(strtol(line + 5, nullptr, 10));
  }
  fclose(file);
  return process;
}

}  // namespace

int Kill(pid_t pid, int signo) { return kill(pid, signo) == 0 ? 0 : -errno; }

int KillThread(pid_t tid, int signo) {
  const int own = SendToThread(tid, signo);
  if (own != -ESRCH) return own;
  if (CheckOwnProc() < 0) return -EXDEV;
  const pid_t process = ProcessOf(tid);
  if (process == 0) return -ESRCH;
  return syscall(SYS_tgkill, process, tid, signo) == 0 ? 0 : -errno;
}

int QueueInfo(pid_t pid, const siginfo_t& info) {
  return syscall(SYS_rt_sigqueueinfo, pid, info.si_signo, &info) == 0 ? 0 : -errno;
}

int KillOwnProcessAsThread(int signo) {
  // Towards itself a process may use any si_code (rt_sigqueueinfo(2)).
  siginfo_t info = {};
  info.si_signo = signo;
  info.si_code = SI_TKILL;
  info.si_pid = getpid();
  info.si_uid = getuid();
  return QueueInfo(getpid(), info);
}

int Queue(pid_t pid, int signo, uint64_t value) {
  siginfo_t info = {};
  info.si_signo = signo;
  info.si_code = SI_QUEUE;
  info.si_pid = getpid();
  info.si_uid = getuid();
  memcpy(&info.si_value, &value, sizeof(value));
  return QueueInfo(pid, info);
}

void ActHere(int signo, const KernelSigaction& action) {
  KernelSigaction present;
  if (ChangeAction(signo, action, &present) < 0) return;
  SendToThread(ThreadId(), signo);
  ChangeMask(MaskHow::kUnblock, SignalSet::Of(signo), nullptr);
  ChangeMask(MaskHow::kBlock, SignalSet::Of(signo), nullptr);
  ChangeAction(signo, present, nullptr);
}

void DieOf(int signo) {
  ChangeAction(signo, DefaultAction(), nullptr);
  const SignalSet everything_else = ~SignalSet::Of(signo);
  ChangeMask(MaskHow::kBlock, everything_else, nullptr);
  SendToThread(ThreadId(), signo);
  ChangeMask(MaskHow::kUnblock, SignalSet::Of(signo), nullptr);
  _exit(128 + signo);
}

}  // namespace sigkit
