#include "hub/watched_loop.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "hub/v8_functions.h"

namespace sigkit {
namespace {

constexpr Time kPatience = kSecond / 10;
// The first when the threshold has passed, each of the others when it has lasted for twice as long.
constexpr int kCaptures = 3;

// Of what was used within `all`, as much as goes to a part of it.
Time ShareOf(Time used, Time part, Time all) {
  if (used <= 0 || all <= 0) return 0;
  return static_cast<Time>(static_cast<double>(used) *
                           std::min(1.0, static_cast<double>(part) / static_cast<double>(all)));
}

void Measure(Stall* stall, Time ended_at, Time length, Time cpu, Time collected) {
  // Once: the two clocks are not read at the same moment.
  if (stall->began_at == 0) stall->began_at = ReadClock(CLOCK_REALTIME) - (Now() - ended_at) - length;
  stall->length = length;
  stall->cpu = std::clamp<Time>(cpu, 0, length);
  stall->collected = HasHooks() ? collected : -1;
}

}  // namespace

// What has been too long is told even if nobody has looked meanwhile: without a stack.
bool WatchedLoop::EndTurn(const LoopLook& look, Time since) {
  const LoopMarks::LongTurn& over = look.last_long;
  if (std::exchange(last_long_, over.number) == over.number || over.ended_at < since) return false;
  Time cpu = over.cpu - cpu_before_;
  if (turn_ != over.number) {
    Begin(look, over.number);
    cpu = ShareOf(over.cpu - last_cpu_, over.length, look.work - last_work_);
  }
  Measure(&stall_, over.ended_at, over.length, cpu, over.collected);
  stall_.ended = true;
  return true;
}

void WatchedLoop::Follow(const LoopLook& look) {
  if (look.turn.number != turn_) {
    Begin(look, look.turn.number);
    cpu_before_ = look.cpu - ShareOf(look.cpu - last_cpu_, look.blocked_for(), look.work - last_work_);
  }
  last_cpu_ = look.cpu;
  last_work_ = look.work;
}

void WatchedLoop::Begin(const LoopLook& look, uint64_t turn) {
  stall_ = Stall();
  stall_.tid = tid_;
  stall_.id = look.id;
  turn_ = turn;
  next_capture_ = kNever;
  captures_ = 0;
}

bool WatchedLoop::Capture(const LoopLook& look, const JavaScriptThreads::Condition& given_up) {
  std::vector<ThreadStack> stacks = JavaScriptThreads::Get().Capture(kPatience, given_up, tid_);
  if (JavaScriptThreads::Get().TurnOf(tid_) != turn_) return false;
  for (ThreadStack& stack : stacks) {
    stack.blocked_for = look.blocked_for();
    stall_.name = stack.name;
    stall_.stacks.push_back(std::move(stack));
  }
  next_capture_ = ++captures_ < kCaptures ? 2 * look.blocked_for() : kNever;
  Measure(&stall_, look.at, look.blocked_for(), look.cpu - cpu_before_, look.collected - look.turn.collected);
  return true;
}

}  // namespace sigkit
