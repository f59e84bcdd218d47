#ifndef SIGKIT_POSIX_CLOCK_H_
#define SIGKIT_POSIX_CLOCK_H_

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace sigkit {

// A point of CLOCK_MONOTONIC in nanoseconds.
using Time = int64_t;
inline constexpr Time kNever = std::numeric_limits<Time>::max();
inline constexpr Time kSecond = 1'000'000'000;
inline constexpr Time kMillisecond = kSecond / 1000;

// As printf(3) takes them, of a duration.
inline long long ToMilliseconds(Time time) { return static_cast<long long>(time / kMillisecond); }

// 0 where there is no such clock (any more).
inline Time ReadClock(clockid_t clock) {
  timespec now = {};
  clock_gettime(clock, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

inline Time Now() { return ReadClock(CLOCK_MONOTONIC); }

// What is too far away is never.
inline Time After(Time patience) {
  const Time now = Now();
  return patience < kNever - now ? now + patience : kNever;
}

inline timespec TimeUntil(Time point) {
  const Time left = std::max<Time>(point - Now(), 0);
  return {.tv_sec = left / kSecond, .tv_nsec = left % kSecond};
}

}  // namespace sigkit

#endif  // SIGKIT_POSIX_CLOCK_H_
