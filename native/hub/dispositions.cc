#include "hub/hub.h"

namespace sigkit {

// Takes these signals away from every stream, in all environments; streams left without any come to their end.
void Hub::EndSubscriptions(Session* session, SignalSet signals) {
  {
    const std::scoped_lock delivering(delivery_);
    // As at a close: what is pending is taken whatever the capacity.
    for (const auto& [id, subscription] : subscriptions_) {
      if (!(subscription->signals() & signals).Empty()) subscription->LiftCapacity();
    }
    UpdateWaitSet();
  }
  std::vector<Subscription*> ending;
  for (const auto& [id, subscription] : subscriptions_) {
    if (!(subscription->signals() & signals).Empty()) ending.push_back(subscription.get());
  }
  DrainWhatIsPending(signals);
  LeaveToOthers(session, ending, signals);
  DrainWhatIsPending(signals);
  {
    const std::scoped_lock delivering(delivery_);
    ending_ = signals;
    UpdateWaitSet();
  }
  waiter_.Settle();
  catchers_.Disarm();
  {
    const std::scoped_lock delivering(delivery_);
    TakeNotes();
    DeliverLate(signals);
    ending_ = SignalSet();
    WithdrawEarly(signals);
    for (const auto& [id, subscription] : subscriptions_) {
      const SignalSet lost = subscription->signals() & signals;
      if (lost.Empty()) continue;
      subscription->RestoreCapacity();
      Delist(subscription.get(), lost);
      subscription->Narrow(lost);
      if (subscription->ended()) WakeReader(*subscription);
    }
  }
  AssignTakers();
}

int Hub::Ignore(Session* session, SignalSet signals) {
  const std::scoped_lock configuring(configuration_);
  EndSubscriptions(session, signals);
  int error = 0;
  // Ignored before it is unblocked: in between, the default action could end the process.
  signals.ForEach([&](int signo) {
    KernelSigaction previous;
    const int changed = ChangeAction(signo, IgnoreAction(), &previous);
    if (changed < 0) error = changed;
    // Ours from an earlier call is nothing to go back to; a handler installed since is.
    std::optional<KernelSigaction>& saved = saved_actions_[static_cast<size_t>(signo)];
    if (changed == 0 && !(saved && IsIgnore(previous))) saved = previous;
  });
  HoldWhatIsWanted(Reach::kCertain);
  catchers_.Disarm();
  waiter_.Settle();
  ReturnCaught({});
  StopIfIdle();
  return error;
}

int Hub::Reset(Session* session, SignalSet signals) {
  const std::scoped_lock configuring(configuration_);
  EndSubscriptions(session, signals);
  int error = 0;
  signals.ForEach([&](int signo) {
    std::optional<KernelSigaction>& saved = saved_actions_[static_cast<size_t>(signo)];
    if (!saved) return;
    KernelSigaction current;
    // Somebody who has installed a handler since (process.on) keeps it.
    if (ReadAction(signo, &current) == 0 && IsIgnore(current))
      error = ChangeAction(signo, catchers_.WithoutWatchersGone(*session, signo, *saved), nullptr);
    saved.reset();
  });
  HoldWhatIsWanted(Reach::kCertain);
  catchers_.Disarm();
  waiter_.Settle();
  ReturnCaught({});
  StopIfIdle();
  return error;
}

}  // namespace sigkit
