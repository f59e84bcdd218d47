#ifndef SIGKIT_HUB_EARLY_HOLD_H_
#define SIGKIT_HUB_EARLY_HOLD_H_

#include <atomic>

#include "hub/subscription.h"
#include "posix/clock.h"
#include "posix/signal_record.h"

namespace sigkit {

// What is claimed before the program itself claims anything: whom it belongs to is not known yet. Whatever holds up its
// program, a signal is not kept for longer than a time, as nobody may ever ask for it. Guarded by the hub's delivery
// lock, but deadline().
class EarlyHold {
 public:
  void Open(Subscription* subscription, Time patience);
  void Close();
  Subscription* subscription() const { return subscription_; }

  void OnHeld(const SignalRecord& record);
  // After something has been withdrawn.
  void Recount();
  void Postpone(Time until) { deadline_ = until; }
  Time deadline() const { return deadline_; }

 private:
  Subscription* subscription_ = nullptr;
  Time patience_ = 0;
  int interrupts_ = 0;  // from the keyboard
  std::atomic<Time> deadline_ = kNever;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_EARLY_HOLD_H_
