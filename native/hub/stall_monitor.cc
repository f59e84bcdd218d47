#include "hub/stall_monitor.h"

#include <sys/prctl.h>

#include <algorithm>
#include <utility>

#include "hub/javascript_threads.h"
#include "hub/v8_functions.h"
#include "posix/futex.h"
#include "posix/quiet_thread.h"

namespace sigkit {
namespace {

constexpr Time kPatience = kSecond / 10;
// The first when the threshold has passed, each of the others when it has lasted for twice as long.
constexpr int kCaptures = 3;

Time WallTime() { return ReadClock(CLOCK_REALTIME); }

// Of what was used within `all`, as much as goes to a part of it.
Time ShareOf(Time used, Time part, Time all) {
  if (used <= 0 || all <= 0) return 0;
  return static_cast<Time>(static_cast<double>(used) *
                           std::min(1.0, static_cast<double>(part) / static_cast<double>(all)));
}

}  // namespace

StallMonitor& StallMonitor::Get() {
  // The thread may outlive main().
  static auto* const monitor = new StallMonitor;
  return *monitor;
}

int StallMonitor::Open(const StallListener::Options& options) {
  const std::scoped_lock configuring(configuration_);
  if (shortest_ == kNever) {
    stopping_ = false;
    const int error = StartQuietThread(&thread_, Run, this);
    if (error < 0) return error;
  }
  {
    const std::scoped_lock locking(lock_);
    listeners_.push_back(std::make_unique<StallListener>(++last_id_, options));
    UpdateShortest();
  }
  JavaScriptThreads::Get().WatchLoops(true);
  OnChange();
  return static_cast<int>(last_id_);
}

void StallMonitor::Close(uint32_t id) {
  const std::scoped_lock configuring(configuration_);
  {
    const std::scoped_lock locking(lock_);
    if (std::erase_if(listeners_, [id](const auto& one) { return one->id() == id; }) == 0) return;
    UpdateShortest();
    if (!listeners_.empty()) return;
  }
  JavaScriptThreads::Get().WatchLoops(false);
  stopping_ = true;
  OnChange();
  pthread_join(thread_, nullptr);
}

std::vector<Stall> StallMonitor::Take(uint32_t id) {
  const std::scoped_lock locking(lock_);
  const auto found = std::ranges::find_if(listeners_, [id](const auto& one) { return one->id() == id; });
  return found == listeners_.end() ? std::vector<Stall>() : (*found)->Take();
}

void StallMonitor::UpdateShortest() {
  Time shortest = kNever;
  for (const auto& listener : listeners_) shortest = std::min(shortest, listener->threshold());
  shortest_ = shortest;
}

void StallMonitor::WakeUp() {
  if (asleep_.exchange(false)) FutexAdvance(&news_);
}

void StallMonitor::OnChange() {
  ++changes_;
  FutexAdvance(&news_);
}

void* StallMonitor::Run(void* self) {
  prctl(PR_SET_NAME, "sigkit-stalls");
  static_cast<StallMonitor*>(self)->Watch();
  return nullptr;
}

void StallMonitor::Watch() {
  loops_.clear();
  opened_at_ = Now();
  while (!stopping_) {
    const uint32_t news = __atomic_load_n(&news_, __ATOMIC_ACQUIRE);
    const uint32_t changes = changes_;
    // Before the look: whose poll ends after it, stirs.
    asleep_ = HasHooks();
    Time patience = LookAtAll();
    if (patience == kNever) {
      if (asleep_ && !stopping_) FutexWait(&news_, news, kNever);
      // A turn has begun: it is too long no sooner.
      patience = shortest_;
    }
    asleep_ = false;
    Pause(patience, changes);
  }
}

void StallMonitor::Pause(Time patience, uint32_t changes) {
  const Time end = patience == kNever ? kNever : Now() + patience;
  for (;;) {
    const uint32_t news = __atomic_load_n(&news_, __ATOMIC_ACQUIRE);
    const Time rest = end - Now();
    if (stopping_ || changes_ != changes || rest <= 0) return;
    FutexWait(&news_, news, rest);
  }
}

Time StallMonitor::LookAtAll() {
  JavaScriptThreads::Get().LookAtLoops(&looks_);
  Time next = kNever;
  for (const auto& loop : loops_) loop->is_there = false;
  for (const LoopLook& look : looks_) {
    Loop& loop = *LoopOf(look);
    loop.is_there = true;
    LookAt(look, &loop);
    if (!look.is_idle) next = std::min(next, NextLook(look, loop));
  }
  ForgetThoseGone();
  return next;
}

StallMonitor::Loop* StallMonitor::LoopOf(const LoopLook& look) {
  for (const auto& loop : loops_)
    if (loop->tid == look.tid) return loop.get();
  const auto& loop = loops_.emplace_back(std::make_unique<Loop>());
  loop->tid = look.tid;
  loop->last_cpu = look.cpu;
  loop->last_work = look.work;
  return loop.get();
}

void StallMonitor::LookAt(const LoopLook& look, Loop* loop) {
  if (look.last_long.number != loop->last_long) EndTurn(look, loop);
  if (look.turn.number != loop->turn) BeginTurn(look, loop);
  loop->last_cpu = look.cpu;
  loop->last_work = look.work;
  if (!BeginStalls(look, *loop)) return;
  Capture(look, loop);
  loop->stall.began_at = WallTime() - (Now() - look.at) - look.blocked_for();
  loop->stall.length = look.blocked_for();
  loop->stall.cpu = std::clamp<Time>(look.cpu - loop->cpu_before, 0, look.blocked_for());
  loop->stall.collected = HasHooks() ? look.collected - look.turn.collected : -1;
  TellAll(&loop->stall, loop->turn);
}

// What has been too long is told even if nobody has looked meanwhile: without a stack.
void StallMonitor::EndTurn(const LoopLook& look, Loop* loop) {
  const LoopMarks::LongTurn& over = look.last_long;
  loop->last_long = over.number;
  if (over.ended_at < opened_at_) return;
  Time cpu = over.cpu - loop->cpu_before;
  if (loop->turn != over.number) {
    BeginTurn(look, loop);
    cpu = ShareOf(over.cpu - loop->last_cpu, over.length, look.work - loop->last_work);
  }
  loop->turn = over.number;
  loop->stall.began_at = WallTime() - (Now() - over.ended_at) - over.length;
  loop->stall.length = over.length;
  loop->stall.cpu = std::clamp<Time>(cpu, 0, over.length);
  loop->stall.collected = HasHooks() ? over.collected : -1;
  loop->stall.ended = true;
  {
    const std::scoped_lock locking(lock_);
    for (const auto& listener : listeners_) {
      if (listener->threshold() <= over.length && listener->IsNew(look.tid, over.number))
        listener->Begin(look.tid, over.number, over.ended_at);
    }
  }
  TellAll(&loop->stall, over.number);
}

void StallMonitor::BeginTurn(const LoopLook& look, Loop* loop) {
  loop->stall = Stall();
  loop->stall.tid = look.tid;
  loop->stall.id = look.id;
  loop->turn = look.turn.number;
  loop->next_capture = kNever;
  loop->captures = 0;
  loop->cpu_before = look.cpu - ShareOf(look.cpu - loop->last_cpu, look.blocked_for(), look.work - loop->last_work);
}

bool StallMonitor::BeginStalls(const LoopLook& look, const Loop& loop) {
  bool begins = look.blocked_for() >= loop.next_capture;
  const std::scoped_lock locking(lock_);
  for (const auto& listener : listeners_) {
    if (look.blocked_for() < listener->threshold() || !listener->IsNew(look.tid, loop.turn)) continue;
    begins |= listener->Begin(look.tid, loop.turn, look.at);
  }
  return begins;
}

void StallMonitor::Capture(const LoopLook& look, Loop* loop) {
  std::vector<ThreadStack> stacks = JavaScriptThreads::Get().Capture(
      kPatience, [this] { return stopping_.load(); }, look.tid);
  for (ThreadStack& stack : stacks) {
    // Its turn may be over by now.
    if (stack.activity == ThreadActivity::kIdle) continue;
    stack.blocked_for = look.blocked_for();
    loop->stall.stacks.push_back(std::move(stack));
  }
  loop->next_capture = ++loop->captures < kCaptures ? 2 * look.blocked_for() : kNever;
}

Time StallMonitor::NextLook(const LoopLook& look, const Loop& loop) {
  const Time blocked = look.blocked_for();
  Time next = std::min(shortest_.load(), loop.next_capture - blocked);
  const std::scoped_lock locking(lock_);
  for (const auto& listener : listeners_) {
    if (!listener->IsNew(look.tid, loop.turn)) continue;
    const Time half = listener->threshold() / 2;
    next = std::min(next, blocked < half ? half : listener->threshold() - blocked);
  }
  return std::max(next, kMillisecond);
}

void StallMonitor::TellAll(Stall* stall, uint64_t turn) {
  JavaScriptThreads::Get().FindName(stall->tid, &stall->name);
  const std::scoped_lock locking(lock_);
  for (const auto& listener : listeners_) listener->Tell(*stall, turn);
}

void StallMonitor::ForgetThoseGone() {
  for (const auto& loop : loops_)
    if (!loop->is_there) Forget(loop.get());
  std::erase_if(loops_, [](const auto& loop) { return !loop->is_there; });
}

void StallMonitor::Forget(Loop* loop) {
  loop->stall.ended = true;
  TellAll(&loop->stall, loop->turn);
  const std::scoped_lock locking(lock_);
  for (const auto& listener : listeners_) listener->Forget(loop->tid);
}

}  // namespace sigkit
