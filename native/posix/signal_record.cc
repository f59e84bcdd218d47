#include "posix/signal_record.h"

#include <cstring>

#include "posix/clock.h"

namespace sigkit {
namespace {

bool IsChildStatus(const siginfo_t& info) {
  return info.si_signo == SIGCHLD && info.si_code >= CLD_EXITED && info.si_code <= CLD_CONTINUED;
}

// F_SETSIG lets any signal carry these (fcntl(2)); faults, which share the numbers, are never taken by us.
bool IsPoll(const siginfo_t& info) {
  return info.si_code > 0 && info.si_code < SI_KERNEL && info.si_code >= POLL_IN && info.si_code <= POLL_HUP;
}

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
  } else if (IsPoll(info)) {
    record.first = info.si_band;
    record.third = info.si_fd;
  } else if (info.si_code <= 0) {
    record.pid = info.si_pid;
    record.uid = info.si_uid;
    if (info.si_code < 0 && info.si_code != SI_TKILL) record.value = ValueOf(info);
  }
  return record;
}

siginfo_t InfoOf(const SignalRecord& record) {
  siginfo_t info = {};
  info.si_signo = record.signo;
  info.si_code = record.code;
  if (record.code == SI_TIMER) {
    info.si_timerid = record.third;
    info.si_overrun = record.overrun;
  } else if (!IsChildStatus(info) && IsPoll(info)) {
    info.si_band = record.first;
    info.si_fd = record.third;
    return info;
  } else {
    info.si_pid = record.pid;
    info.si_uid = record.uid;
  }
  if (IsChildStatus(info)) {
    info.si_status = record.third;
    info.si_utime = record.first;
    info.si_stime = record.second;
  } else {
    memcpy(&info.si_value, &record.value, sizeof(record.value));
  }
  return info;
}

double MonotonicMs() { return static_cast<double>(Now()) / 1e6; }

}  // namespace sigkit
