#ifndef SIGKIT_HUB_SESSION_H_
#define SIGKIT_HUB_SESSION_H_

#include <sys/types.h>

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "hub/record_queue.h"
#include "posix/signal_fd.h"
#include "posix/signal_set.h"

namespace sigkit {

// One JavaScript environment (the main thread, a Worker) as the hub sees it. Its members are guarded by the hub's
// delivery lock.
class Session {
 public:
  virtual ~Session() = default;
  // Tells the environment that something is ready for it. Called on any thread, under the delivery lock; many calls may
  // become one.
  virtual void Wake() = 0;

  pid_t thread = 0;
  std::vector<uint32_t> ready;  // subscriptions with news, for the environment to fetch
  std::unordered_set<uint32_t> sections;
  SignalFd signal_fd;        // what its event loop polls
  SignalSet by_loop;         // taken by that loop, not by the waiter
  bool in_callback = false;  // of the loop, which will look by itself for what is ready
  RecordQueue handed_on;     // for process.on listeners: standard signals only
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_SESSION_H_
