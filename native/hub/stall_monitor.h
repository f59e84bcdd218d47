#ifndef SIGKIT_HUB_STALL_MONITOR_H_
#define SIGKIT_HUB_STALL_MONITOR_H_

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "hub/stall_listener.h"
#include "hub/watched_loop.h"

namespace sigkit {

// Watches the event loops of all threads of JavaScript, in a thread of its own that is there while somebody listens. It
// sleeps while all of them wait in their polls, until V8 tells that one is about to run JavaScript, or collects
// garbage: what has made a descriptor readable may have been read by the time that poll(2) looks, so it does not tell.
// While one is busy, it looks twice within the shortest threshold.
class StallMonitor {
 public:
  static StallMonitor& Get();

  // A number, or a negative errno. On a thread of JavaScript.
  int Open(const StallListener::Options& options);
  // Returns when nothing calls the listener any more.
  void Close(uint32_t id);
  std::vector<Stall> Take(uint32_t id);

  // From any thread, at each call into JavaScript.
  static void Stir() {
    if (asleep_.load(std::memory_order_relaxed)) Get().WakeUp();
  }
  // A turn was too long, or there is a loop more.
  void OnChange();
  static Time shortest_threshold() { return shortest_.load(std::memory_order_relaxed); }

 private:
  static void* Run(void* self);
  void Watch();
  void WakeUp();
  void Pause(Time patience, uint32_t changes);
  // Until when to wait for the next look; kNever if all loops are idle.
  Time LookAtAll();
  WatchedLoop* LoopOf(const LoopLook& look);
  void LookAt(const LoopLook& look, WatchedLoop* loop);
  // Whether somebody is to hear of the turn who has not yet.
  bool BeginStalls(const WatchedLoop& loop, Time length, Time now);
  Time NextLook(const LoopLook& look, const WatchedLoop& loop);
  void TellAll(const WatchedLoop& loop);
  void ForgetThoseGone();
  void UpdateShortest();

  static inline std::atomic<bool> asleep_ = false;
  static inline std::atomic<Time> shortest_ = kNever;

  // Held over an opening and a closing; the second, the inner one, over a few instructions.
  std::mutex configuration_;
  std::mutex lock_;
  std::vector<std::unique_ptr<StallListener>> listeners_;
  uint32_t last_id_ = 0;
  pthread_t thread_ = {};
  std::atomic<bool> stopping_ = false;
  std::atomic<uint32_t> changes_ = 0;
  // Futex word.
  uint32_t news_ = 0;

  // The thread's own.
  Time opened_at_ = 0;
  std::vector<LoopLook> looks_;
  std::vector<std::unique_ptr<WatchedLoop>> loops_;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_STALL_MONITOR_H_
