#ifndef SIGKIT_HUB_SESSION_H_
#define SIGKIT_HUB_SESSION_H_

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <unordered_set>
#include <vector>

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
  // A watcher of libuv's for this signal: 0 or a negative errno. These two are called on the environment's own thread.
  virtual int Watch(int signo) = 0;
  // Returns how many libuv has taken and not told it of, the one included of which it is being told.
  virtual uint32_t Unwatch(int signo) = 0;

  pid_t thread = 0;
  SignalSet watched;  // guarded by the configuration lock
  // For the environment to fetch: subscriptions with news, and the numbers of signals for process.on listeners, which
  // are smaller than any subscription's.
  std::vector<uint32_t> ready;
  std::array<uint32_t, kSignalCount + 1> handed_on = {};  // how many of them are this number
  std::unordered_set<uint32_t> sections;
  bool has_news = false;  // since the batch began that is being delivered
  SignalFd signal_fd;     // what its event loop polls
  SignalSet by_loop;      // taken by that loop, not by the waiter
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_SESSION_H_
