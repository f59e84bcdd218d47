#include "hub/watchdog.h"

#include <algorithm>
#include <utility>

namespace sigkit {
namespace {

// What does not go at once is not sent: the next time is soon enough, or the manager is gone.
bool Tell(const NotifySocket& manager, const char* state) { return manager.Send(state, {}) == 0; }

}  // namespace

void Watchdog::Open(Options options) {
  const std::scoped_lock locking(lock_);
  options_ = std::move(options);
  answered_ = triggered_ = false;
  asked_at_ = kNever;
  next_question_ = Now();
  next_time_ = next_question_;
}

void Watchdog::Close() {
  const std::scoped_lock locking(lock_);
  next_time_ = kNever;
  options_.reset();
}

void Watchdog::Answer() {
  const std::scoped_lock locking(lock_);
  if (!options_) return;
  answered_ = true;
  next_time_ = 0;
}

void Watchdog::OnTime(Time now) {
  const std::scoped_lock locking(lock_);
  if (!options_ || now < next_time_) return;
  if (std::exchange(answered_, false)) {
    asked_at_ = kNever;
    triggered_ = false;
    Tell(*options_->socket, "WATCHDOG=1");
  }
  const bool overdue = asked_at_ != kNever && now - asked_at_ >= options_->trigger_after;
  if (overdue && !triggered_) triggered_ = Tell(*options_->socket, "WATCHDOG=trigger");
  if (now >= next_question_) {
    next_question_ = now + options_->interval;
    // One that is not answered yet stands for those after it.
    if (asked_at_ == kNever) {
      asked_at_ = now;
      options_->ask();
    }
  }
  const bool may_trigger = asked_at_ != kNever && options_->trigger_after != kNever && !overdue;
  next_time_ = may_trigger ? std::min(next_question_, asked_at_ + options_->trigger_after) : next_question_;
}

}  // namespace sigkit
