#ifndef SIGKIT_POSIX_SIGNAL_RECORD_H_
#define SIGKIT_POSIX_SIGNAL_RECORD_H_

#include <signal.h>

#include <cstdint>

namespace sigkit {

// One taken signal, laid out to be read by JavaScript straight from memory (lib/signals/signal-info.ts knows the
// offsets).
struct SignalRecord {
  double time_ms;  // CLOCK_MONOTONIC when it was taken
  uint64_t value;  // si_value, all 64 bits
  int64_t first;   // SIGCHLD: si_utime; SIGIO: si_band
  int64_t second;  // SIGCHLD: si_stime
  int32_t signo;
  int32_t code;
  int32_t pid;
  uint32_t uid;
  int32_t third;    // SIGCHLD: si_status; SIGIO: si_fd; timers: si_timerid
  int32_t overrun;  // timers
  uint32_t count;   // 1 + signals merged into this one
  uint32_t flags;
};
static_assert(sizeof(SignalRecord) == 64);

SignalRecord RecordOf(const siginfo_t& info, double time_ms);
// The way back, for a signal that is to be sent once more.
siginfo_t InfoOf(const SignalRecord& record);

double MonotonicMs();

}  // namespace sigkit

#endif  // SIGKIT_POSIX_SIGNAL_RECORD_H_
