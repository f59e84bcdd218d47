#ifndef SIGKIT_HUB_LOOP_MARKS_H_
#define SIGKIT_HUB_LOOP_MARKS_H_

#include <atomic>
#include <cstdint>

#include "posix/clock.h"

namespace sigkit {

// What the thread of an event loop notes of its turns, for who watches it from another thread. A turn goes from one
// poll to the next. Work is a clock that stands still while the loop waits in its poll.
class LoopMarks {
 public:
  struct Turn {
    uint64_t number = 0;
    Time began = 0;      // by the clock of work
    Time collected = 0;  // in garbage collections, before it
  };
  // One that was longer than who watches wants turns to be.
  struct LongTurn {
    uint64_t number = 0;
    Time length = 0;
    Time ended_at = 0;
    Time cpu = 0;  // of the thread, so far
    Time collected = 0;
  };

  // These are called on the loop's thread. The first, before each poll, says whether the turn that ends with it was
  // long.
  bool BeginTurn(Time work, Time longest);
  // As the first since it is watched: what was before is no turn.
  void Begin(Time work);
  void BeginCollection() { collecting_since_.store(Now(), std::memory_order_relaxed); }
  void EndCollection();

  // On any thread.
  Turn turn() const;
  LongTurn last_long() const;
  Time Collected(Time now) const;

 private:
  std::atomic<uint64_t> number_ = 0;
  std::atomic<Time> began_ = 0;
  std::atomic<Time> collected_before_ = 0;
  std::atomic<Time> collected_ = 0;
  std::atomic<Time> collecting_since_ = 0;

  std::atomic<uint64_t> long_ = 0;
  std::atomic<Time> long_length_ = 0;
  std::atomic<Time> long_ended_at_ = 0;
  std::atomic<Time> long_cpu_ = 0;
  std::atomic<Time> long_collected_ = 0;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_LOOP_MARKS_H_
