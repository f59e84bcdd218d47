#include "hub/watchdog.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "hub/hang_text.h"
#include "hub/say.h"

namespace sigkit {
namespace {

// Without a second attempt, the time from one sign of life to the next would be all that the manager allows.
constexpr Time kRetry = kSecond / 50;

// Whether it need not be told again: the manager has it, or is gone. Without a descriptor for another socket, where
// somebody has closed the one that there was, it is neither.
bool Tell(NotifySocket& manager, const char* state) {
  const int error = manager.Send(state, {});
  return error != -EAGAIN && error != -EMFILE && error != -ENFILE;
}

}  // namespace

void Watchdog::Open(Options options) {
  const std::scoped_lock locking(lock_);
  options_ = std::move(options);
  answered_ = triggered_ = said_ = false;
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

// The manager ends the process for it: what is said before is all that is left of why.
void Watchdog::Trigger(const Options& options, Time now) {
  if (!std::exchange(said_, true)) {
    Say("watchdog: the event loop has not answered for %lld ms%s; asking the manager to act",
        ToMilliseconds(now - asked_at_), HangText(options.thread).c_str());
  }
  triggered_ = Tell(*options.socket, "WATCHDOG=trigger");
}

void Watchdog::OnTime(Time now) {
  const std::scoped_lock locking(lock_);
  if (!options_ || now < next_time_) return;
  // What the manager did not take says nothing any more once the next question is due.
  if (answered_ && asked_at_ == kNever && now >= next_question_) answered_ = false;
  if (answered_) {
    asked_at_ = kNever;
    triggered_ = said_ = false;
    answered_ = !Tell(*options_->socket, "WATCHDOG=1");
  }
  const bool overdue = asked_at_ != kNever && now - asked_at_ >= options_->trigger_after;
  if (overdue && !triggered_) Trigger(*options_, now);
  if (now >= next_question_) {
    next_question_ = now + options_->interval;
    // One that is not answered yet stands for those after it.
    if (asked_at_ == kNever) {
      asked_at_ = now;
      options_->ask();
    }
  }
  const bool is_full = answered_ || (overdue && !triggered_);
  const bool may_trigger = asked_at_ != kNever && options_->trigger_after != kNever && !triggered_;
  const Time trigger_at = may_trigger ? asked_at_ + options_->trigger_after : kNever;
  next_time_ = std::min({next_question_, is_full ? now + kRetry : trigger_at});
}

}  // namespace sigkit
