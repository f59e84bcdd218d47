#include "hub/early_hold.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>

namespace sigkit {
void EarlyHold::Open(Subscription* subscription, Time patience) {
  subscription_ = subscription;
  patience_ = patience;
  interrupts_ = 0;
  deadline_ = kNever;
}

void EarlyHold::Close() {
  subscription_ = nullptr;
  deadline_ = kNever;
}

void EarlyHold::OnHeld(const SignalRecord& record) {
  // For PID 1 there is no haste: the kernel would have thrown it away (pid_namespaces(7)).
  if (getpid() == 1) return;
  const Time now = Now();
  deadline_ = std::min(deadline_.load(), now + patience_);
  // Who presses Ctrl-C again wants no more patience.
  if (record.signo != SIGINT || record.code != SI_KERNEL) return;
  if (++interrupts_ > 1) deadline_ = now;
}

void EarlyHold::Recount() {
  const SignalRecord* oldest = subscription_ == nullptr ? nullptr : subscription_->oldest();
  if (oldest == nullptr) {
    interrupts_ = 0;
    deadline_ = kNever;
  } else if (deadline_ != kNever && interrupts_ < 2) {
    deadline_ = static_cast<Time>(oldest->time_ms * static_cast<double>(kMillisecond)) + patience_;
  }
}

}  // namespace sigkit
