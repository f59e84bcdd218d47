#include "posix/signal_names.h"

#include <signal.h>

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "posix/numbers.h"
#include "posix/signal_set.h"

namespace sigkit {
namespace {

struct Name {
  int signo;
  const char* name;
};

// Further names of the same signal come after the one that is shown.
constexpr std::array kNames = {
    Name{SIGHUP, "HUP"},   Name{SIGINT, "INT"},       Name{SIGQUIT, "QUIT"}, Name{SIGILL, "ILL"},
    Name{SIGTRAP, "TRAP"}, Name{SIGABRT, "ABRT"},     Name{SIGBUS, "BUS"},   Name{SIGFPE, "FPE"},
    Name{SIGKILL, "KILL"}, Name{SIGUSR1, "USR1"},     Name{SIGSEGV, "SEGV"}, Name{SIGUSR2, "USR2"},
    Name{SIGPIPE, "PIPE"}, Name{SIGALRM, "ALRM"},     Name{SIGTERM, "TERM"}, Name{SIGSTKFLT, "STKFLT"},
    Name{SIGCHLD, "CHLD"}, Name{SIGCONT, "CONT"},     Name{SIGSTOP, "STOP"}, Name{SIGTSTP, "TSTP"},
    Name{SIGTTIN, "TTIN"}, Name{SIGTTOU, "TTOU"},     Name{SIGURG, "URG"},   Name{SIGXCPU, "XCPU"},
    Name{SIGXFSZ, "XFSZ"}, Name{SIGVTALRM, "VTALRM"}, Name{SIGPROF, "PROF"}, Name{SIGWINCH, "WINCH"},
    Name{SIGIO, "IO"},     Name{SIGPWR, "PWR"},       Name{SIGSYS, "SYS"},   Name{SIGABRT, "IOT"},
    Name{SIGCHLD, "CLD"},  Name{SIGIO, "POLL"},
};

bool SameText(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return tolower(a) == tolower(b); });
}

bool TakePrefix(std::string_view prefix, std::string_view* text) {
  if (!SameText(text->substr(0, prefix.size()), prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

// What follows RTMIN or RTMAX: nothing, or the sign and a number.
int Realtime(int base, char sign, std::string_view offset, int rtmin) {
  int distance = 0;
  if (!offset.empty() && (offset[0] != sign || !ParseNumber(offset.substr(1), kSignalCount, &distance))) return 0;
  const int signo = sign == '+' ? base + distance : base - distance;
  return signo >= rtmin && signo <= kSignalCount ? signo : 0;
}

}  // namespace

int SignalNumber(std::string_view text, int rtmin) {
  int number = 0;
  if (ParseNumber(text, kSignalCount, &number)) return number;
  TakePrefix("SIG", &text);
  for (const Name& name : kNames) {
    if (SameText(name.name, text)) return name.signo;
  }
  if (TakePrefix("RTMIN", &text)) return Realtime(rtmin, '+', text, rtmin);
  if (TakePrefix("RTMAX", &text)) return Realtime(kSignalCount, '-', text, rtmin);
  return 0;
}

SignalName::SignalName(int signo, int rtmin) : text() {
  for (const Name& name : kNames) {
    if (name.signo != signo) continue;
    snprintf(text.data(), text.size(), "SIG%s", name.name);
    return;
  }
  if (signo < rtmin) snprintf(text.data(), text.size(), "signal %d", signo);
  if (signo == rtmin) snprintf(text.data(), text.size(), "SIGRTMIN");
  if (signo > rtmin) snprintf(text.data(), text.size(), "SIGRTMIN+%d", signo - rtmin);
}

}  // namespace sigkit
