#ifndef SIGKIT_HUB_WATCHED_LOOP_H_
#define SIGKIT_HUB_WATCHED_LOOP_H_

#include <cstdint>

#include "hub/javascript_threads.h"
#include "hub/stall.h"

namespace sigkit {

// What the looks at a loop have told of its present turn, or of a long one that is over.
class WatchedLoop {
 public:
  explicit WatchedLoop(const LoopLook& look) : tid_(look.tid), last_cpu_(look.cpu), last_work_(look.work) {}

  pid_t tid() const { return tid_; }
  uint64_t turn() const { return turn_; }
  Stall* stall() { return &stall_; }
  const Stall& stall() const { return stall_; }

  // Whether a long turn is over since the last look, which stall() then is. Those that ended before `since` count not.
  bool EndTurn(const LoopLook& look, Time since);
  // The present turn.
  void Follow(const LoopLook& look);
  // Of which another stack is due after so long.
  Time next_capture() const { return next_capture_; }
  // False if it is over meanwhile.
  bool Capture(const LoopLook& look, const JavaScriptThreads::Condition& given_up);

  // Its thread does.
  void End() { stall_.ended = true; }

  bool is_there = false;

 private:
  void Begin(const LoopLook& look, uint64_t turn);

  const pid_t tid_;
  Stall stall_;
  uint64_t turn_ = 0;
  uint64_t last_long_ = 0;
  Time next_capture_ = kNever;
  int captures_ = 0;
  // Until the turn began, and at the last look.
  Time cpu_before_ = 0;
  Time last_cpu_;
  Time last_work_;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_WATCHED_LOOP_H_
