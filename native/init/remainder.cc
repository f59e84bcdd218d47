#include "init/remainder.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "posix/child_list.h"
#include "posix/send.h"

namespace sigkit::init {
namespace {

constexpr pid_t kEverybody = -1;  // but init itself (kill(2))

bool IsInit() { return getpid() == 1; }

bool HasChildren() {
  siginfo_t info = {};
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

}  // namespace

bool Remainder::Any() { return HasChildren() || HasStrangers(); }

bool Remainder::HasStrangers() { return IsInit() && !HasChildren() && sigkit::Kill(kEverybody, 0) == 0; }

int Remainder::Send(int signo) {
  if (!IsInit()) return ForEachChild(getpid(), [signo](pid_t pid) { sigkit::Kill(pid, signo); });
  sigkit::Kill(kEverybody, signo);
  return 0;
}

int Remainder::Kill() { return Send(SIGKILL); }

int Remainder::Terminate() {
  if (IsInit()) {
    if (told_count_++ == 0) {
      Send(SIGTERM);
      Send(SIGCONT);
    }
    return 0;
  }
  return ForEachChild(getpid(), [this](pid_t pid) {
    if (HasBeenTold(pid)) return;
    if (told_count_ < told_.size()) told_[told_count_++] = pid;
    sigkit::Kill(pid, SIGTERM);
    sigkit::Kill(pid, SIGCONT);
  });
}

bool Remainder::HasBeenTold(pid_t pid) const {
  return std::find(told_.begin(), told_.begin() + told_count_, pid) != told_.begin() + told_count_;
}

}  // namespace sigkit::init
