#include "hub/stall_monitor.h"

#include <sys/prctl.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "hub/say.h"
#include "hub/v8_functions.h"
#include "posix/futex.h"
#include "posix/quiet_thread.h"
#include "posix/write_file.h"

namespace sigkit {
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
  const Time end = After(patience);
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
    WatchedLoop& loop = *LoopOf(look);
    loop.is_there = true;
    LookAt(look, &loop);
    if (!look.is_idle) next = std::min(next, NextLook(look, loop));
  }
  ForgetThoseGone();
  return next;
}

WatchedLoop* StallMonitor::LoopOf(const LoopLook& look) {
  for (const auto& loop : loops_)
    if (loop->tid() == look.tid) return loop.get();
  return loops_.emplace_back(std::make_unique<WatchedLoop>(look)).get();
}

void StallMonitor::LookAt(const LoopLook& look, WatchedLoop* loop) {
  if (loop->EndTurn(look, opened_at_)) {
    JavaScriptThreads::Get().FindName(loop->tid(), &loop->stall()->name);
    BeginStalls(*loop, look.last_long.length, look.last_long.ended_at);
    TellAll(*loop);
  }
  loop->Follow(look);
  const Time blocked = look.blocked_for();
  const bool begins = BeginStalls(*loop, blocked, look.at);
  if (!begins && blocked < loop->next_capture()) return;
  if (loop->Capture(look, [this] { return stopping_.load(); })) TellAll(*loop);
}

bool StallMonitor::BeginStalls(const WatchedLoop& loop, Time length, Time now) {
  bool begins = false;
  const std::scoped_lock locking(lock_);
  for (const auto& listener : listeners_) {
    if (length >= listener->threshold() && listener->IsNew(loop.tid(), loop.turn()))
      begins |= listener->Begin(loop.tid(), loop.turn(), now);
  }
  return begins;
}

Time StallMonitor::NextLook(const LoopLook& look, const WatchedLoop& loop) {
  // A turn may have begun since the look.
  const Time blocked = std::max<Time>(look.blocked_for(), 0);
  Time next = std::min(shortest_.load(), loop.next_capture() - blocked);
  const std::scoped_lock locking(lock_);
  for (const auto& listener : listeners_) {
    if (!listener->IsNew(loop.tid(), loop.turn())) continue;
    const Time half = listener->threshold() / 2;
    next = std::min(next, blocked < half ? half : listener->threshold() - blocked);
  }
  return std::max(next, kMillisecond);
}

void StallMonitor::TellAll(const WatchedLoop& loop) {
  std::vector<StallReport> reports;
  {
    const std::scoped_lock locking(lock_);
    for (const auto& listener : listeners_) listener->Tell(loop.stall(), loop.turn(), &reports);
  }
  for (const auto& [file, text] : reports) {
    const int error = AppendToFile(file.c_str(), text);
    // NOLINTNEXTLINE(concurrency-mt-unsafe): it only reads a table
    if (error < 0) Say("a stall of an event loop is not in %s: %s", file.c_str(), strerror(-error));
  }
}

// A stall ends with its thread.
void StallMonitor::ForgetThoseGone() {
  for (const auto& loop : loops_) {
    if (loop->is_there) continue;
    loop->End();
    TellAll(*loop);
    const std::scoped_lock locking(lock_);
    for (const auto& listener : listeners_) listener->Forget(loop->tid());
  }
  std::erase_if(loops_, [](const auto& loop) { return !loop->is_there; });
}

}  // namespace sigkit
