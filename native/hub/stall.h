#ifndef SIGKIT_HUB_STALL_H_
#define SIGKIT_HUB_STALL_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "hub/javascript_thread.h"
#include "posix/clock.h"

namespace sigkit {

// A turn of an event loop that has taken too long.
struct Stall {
  pid_t tid = 0;
  int id = 0;
  std::string name;
  Time began_at = 0;  // CLOCK_REALTIME
  Time length = 0;
  Time cpu = 0;
  Time collected = -1;  // -1: nobody knows
  bool ended = false;
  uint32_t omitted = 0;  // those of the thread before it, of which nothing has been told
  std::vector<ThreadStack> stacks;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_STALL_H_
