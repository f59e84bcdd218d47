#include "hub/loop_marks.h"

namespace sigkit {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

bool LoopMarks::BeginTurn(Time work, Time longest) {
  const Time length = work - began_.load(kRelaxed);
  const bool is_long = length >= longest;
  if (is_long) {
    long_length_.store(length, kRelaxed);
    long_ended_at_.store(Now(), kRelaxed);
    long_cpu_.store(ReadClock(CLOCK_THREAD_CPUTIME_ID), kRelaxed);
    long_collected_.store(collected_.load(kRelaxed) - collected_before_.load(kRelaxed), kRelaxed);
    long_.store(number_.load(kRelaxed), std::memory_order_release);
  }
  Begin(work);
  return is_long;
}

// Who reads the number first has a beginning of that turn, or of a later one.
void LoopMarks::Begin(Time work) {
  began_.store(work, kRelaxed);
  collected_before_.store(collected_.load(kRelaxed), kRelaxed);
  number_.store(number_.load(kRelaxed) + 1, std::memory_order_release);
}

void LoopMarks::EndCollection() {
  const Time since = collecting_since_.load(kRelaxed);
  if (since == 0) return;
  collecting_since_.store(0, kRelaxed);
  collected_.store(collected_.load(kRelaxed) + Now() - since, kRelaxed);
}

LoopMarks::Turn LoopMarks::turn() const {
  const uint64_t number = number_.load(std::memory_order_acquire);
  return {.number = number, .began = began_.load(kRelaxed), .collected = collected_before_.load(kRelaxed)};
}

LoopMarks::LongTurn LoopMarks::last_long() const {
  const uint64_t number = long_.load(std::memory_order_acquire);
  return {.number = number,
          .length = long_length_.load(kRelaxed),
          .ended_at = long_ended_at_.load(kRelaxed),
          .cpu = long_cpu_.load(kRelaxed),
          .collected = long_collected_.load(kRelaxed)};
}

Time LoopMarks::Collected(Time now) const {
  const Time since = collecting_since_.load(kRelaxed);
  return collected_.load(kRelaxed) + (since == 0 ? 0 : now - since);
}

}  // namespace sigkit
