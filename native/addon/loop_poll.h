#ifndef SIGKIT_ADDON_LOOP_POLL_H_
#define SIGKIT_ADDON_LOOP_POLL_H_

#include <uv.h>

#include <cstdint>
#include <unordered_set>

#include "addon/loop_handle.h"

namespace sigkit {

// The event loop's look at a session's signalfd, for as long as a claim wants its signals taken by the loop.
class LoopPoll {
 public:
  bool is_open() const { return poll_.get() != nullptr; }
  // 0 or a negative errno. `on_readable` runs in the loop until the close.
  int Open(uv_loop_t* loop, int fd, uv_poll_cb on_readable, void* data);
  void Close() { poll_.Close(); }

  void Add(uint32_t claim) { claims_.insert(claim); }
  void Remove(uint32_t claim) { claims_.erase(claim); }
  bool is_wanted() const { return !claims_.empty(); }

 private:
  LoopHandle<uv_poll_t> poll_;
  std::unordered_set<uint32_t> claims_;
};

}  // namespace sigkit

#endif  // SIGKIT_ADDON_LOOP_POLL_H_
