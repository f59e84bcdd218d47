#include "posix/signal_record.h"

#include <cstring>

#include "posix/clock.h"

namespace sigkit {
namespace {

bool IsChildStatus(const siginfo_t& info) {
  return info.si_signo == SIGCHLD && info.si_code >= CLD_EXITED && info.si_code <= CLD_CONTINUED;
}

bool IsPoll(const siginfo_t& info) { return info.si_code >= POLL_IN && info.si_code <= POLL_HUP; }

uint64_t ValueOf(const siginfo_t& info) {
  uint64_t value = 0;
  static_assert(sizeof(info.si_value) == sizeof(value));
  memcpy(&value, &info.si_value, sizeof(value));
  return value;
}

}  // namespace

// Which members of the union hold anything depends on si_code (sigaction(2), "The siginfo_t argument").
SignalRecord RecordOf(const siginfo_t& info, double time_ms) {
  SignalRecord record = {};
  record.time_ms = time_ms;
  record.signo = info.si_signo;
  record.code = info.si_code;
  record.count = 1;
  if (info.si_code == SI_TIMER) {
    record.third = info.si_timerid;
    record.overrun = info.si_overrun;
    record.value = ValueOf(info);
  } else if (IsChildStatus(info)) {
    record.pid = info.si_pid;
    record.uid = info.si_uid;
    record.third = info.si_status;
    record.first = info.si_utime;
    record.second = info.si_stime;
  } else if (info.si_code > 0 && info.si_code < SI_KERNEL && IsPoll(info)) {
    // F_SETSIG lets any signal carry these (fcntl(2)); faults, which share the numbers, are never taken by us.
    record.first = info.si_band;
    record.third = info.si_fd;
  } else if (info.si_code <= 0) {
    record.pid = info.si_pid;
    record.uid = info.si_uid;
    if (info.si_code < 0 && info.si_code != SI_TKILL) record.value = ValueOf(info);
  }
  return record;
}

double MonotonicMs() { return static_cast<double>(Now()) / 1e6; }

}  // namespace sigkit
