#ifndef SIGKIT_HUB_ID_SOURCE_H_
#define SIGKIT_HUB_ID_SOURCE_H_

#include <cstdint>
#include <limits>

#include "posix/signal_set.h"

namespace sigkit {

// Numbers for claims and sections. A process that makes and ends them for years comes round: what is open keeps its
// number, and none is that of a signal, as these stand beside them (Session::ready), or 0.
class IdSource {
 public:
  static constexpr uint32_t kFirst = kSignalCount + 1;

  explicit IdSource(uint32_t next = kFirst) : next_(next) {}

  // `in_use` tells of a number whether it is taken. There are more of them than memory holds claims.
  template <typename InUse>
  uint32_t Next(InUse in_use) {
    while (in_use(next_)) Step();
    const uint32_t id = next_;
    Step();
    return id;
  }

 private:
  void Step() { next_ = next_ == std::numeric_limits<uint32_t>::max() ? kFirst : next_ + 1; }

  uint32_t next_;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_ID_SOURCE_H_
