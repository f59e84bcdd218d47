#include "hub/early_hold.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>

namespace sigkit {

void EarlyHold::Open(Subscription* subscription, Time patience) {
  subscription_ = subscription;
  patience_ = patience;
  interrupted_ = false;
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
  if (interrupted_) deadline_ = now;
  interrupted_ = true;
}

void EarlyHold::Recount() {
  if (subscription_ != nullptr && subscription_->queued() > 0) return;
  interrupted_ = false;
  deadline_ = kNever;
}

}  // namespace sigkit
