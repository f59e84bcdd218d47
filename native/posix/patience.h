#ifndef SIGKIT_POSIX_PATIENCE_H_
#define SIGKIT_POSIX_PATIENCE_H_

#include <algorithm>

#include "posix/clock.h"

namespace sigkit {

// A time-out of the time in which the process runs: what it spends stopped (SIGSTOP, a debugger, a frozen container)
// does not count, as nobody could have answered then.
class Patience {
 public:
  explicit Patience(Time limit = 0) : limit_(limit), last_(Now()) {}

  bool IsSpent() {
    const Time now = Now();
    // No step of those who look takes so long by itself.
    spent_ += std::min(now - last_, kLongestStep);
    last_ = now;
    return spent_ >= limit_;
  }
  Time spent() const { return spent_; }

 private:
  static constexpr Time kLongestStep = kSecond / 20;

  Time limit_;
  Time last_;
  Time spent_ = 0;
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_PATIENCE_H_
