#ifndef SIGKIT_ADDON_SIGNAL_WATCHERS_H_
#define SIGKIT_ADDON_SIGNAL_WATCHERS_H_

#include <uv.h>

#include <cstddef>
#include <vector>

namespace sigkit {

// Who listens to a signal by libuv on one loop: Node for process.on, and addons. Told by us of what libuv does not see,
// they do what they would have done, Node in the asynchronous context in which its listener was added.
class SignalWatchers {
 public:
  // Notes those of a signal but `ours`, and returns how many there are.
  size_t Find(uv_loop_t* loop, int signo, uv_signal_cb ours);
  // One of them, unless it has been stopped since. What it calls may throw in JavaScript.
  void Tell(uv_loop_t* loop, int signo, size_t index) const;

 private:
  std::vector<uv_signal_t*> found_;
};

}  // namespace sigkit

#endif  // SIGKIT_ADDON_SIGNAL_WATCHERS_H_
