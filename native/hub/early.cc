#include <algorithm>
#include <cerrno>
#include <vector>

#include "hub/hub.h"
#include "posix/send.h"

namespace sigkit {
namespace {

constexpr uint32_t kCapacity = 1024;
// Between two looks whether what is overdue can have its action.
constexpr Time kRetry = kSecond / 100;

}  // namespace

ClaimResult Hub::ClaimEarly(Session* session, SignalSet signals, Time patience) {
  const std::scoped_lock configuring(configuration_);
  ClaimResult result;
  signals &= ~Claims();
  if (early_.subscription() != nullptr || signals.Empty()) return result;
  const ClaimOptions options = {.signals = signals, .capacity = kCapacity, .exclusive = true};
  return MakeClaim(session, options, [&](Subscription* claimed) { early_.Open(claimed, patience); });
}

void Hub::HoldEarly(const SignalRecord& record) {
  early_.OnHeld(record);
  // Of its new deadline, where it was an environment that delivered.
  waiter_.Ring();
}

// To whoever has just claimed them, or to nobody yet: then it waits for ReturnCaught. It came before all that is there.
void Hub::WithdrawEarly(SignalSet signals) {
  Subscription* early = early_.subscription();
  if (early == nullptr || (early->signals() & signals).Empty()) return;
  std::vector<Caught> withdrawn;
  for (const SignalRecord& record : early->Withdraw(signals)) withdrawn.push_back(Caught{InfoOf(record), record, true});
  caught_.insert(caught_.begin(), withdrawn.begin(), withdrawn.end());
  early_.Recount();
  Delist(early, early->signals() & signals);
  early->Narrow(signals);
}

// In the order of Release. What is held goes back to the kernel while it is blocked still, and has its action, which
// has been put back by then, when it is not blocked any more.
void Hub::GiveBackEarly(SignalSet signals) {
  const std::scoped_lock configuring(configuration_);
  Subscription* early = early_.subscription();
  // Its watchers are of its own thread. One thread can have two sessions: sigkit has been loaded twice.
  if (early == nullptr || early->session()->thread != ThreadId()) return;
  Session* const session = early->session();
  if ((early->signals() & signals).Empty() && !early->ended()) return;
  {
    const std::scoped_lock delivering(delivery_);
    ending_ = early->signals() & signals;
    UpdateWaitSet();
  }
  waiter_.Settle();
  {
    const std::scoped_lock delivering(delivery_);
    WithdrawEarly(signals);
    ending_ = SignalSet();
    UpdateWaitSet();
  }
  LeaveToOthers(session, {}, SignalSet::All());
  ReturnCaught({});
  HoldWhatIsWanted(Reach::kCertain);
  catchers_.Disarm();
  waiter_.Settle();
  ReturnCaught({});
  if (early->ended()) {
    const std::scoped_lock delivering(delivery_);
    subscriptions_.erase(early->id());
    early_.Close();
  }
  AssignTakers();
  StopIfIdle();
}

// On the waiter thread, which must not wait for a change: that may be waiting for it.
void Hub::OnEarlyTime(Time now) {
  if (now < early_.deadline()) return;
  const std::unique_lock configuring(configuration_, std::try_to_lock);
  std::vector<SignalRecord> overdue;
  {
    const std::scoped_lock delivering(delivery_);
    Subscription* early = early_.subscription();
    if (early == nullptr) return;
    if (!configuring || !(early->signals() & held_back_).Empty()) return early_.Postpone(now + kRetry);
    overdue = early->Withdraw(SignalSet::All());
    early_.Recount();
  }
  for (const SignalRecord& record : overdue) {
    // SIGCHLD has had its action.
    if (record.signo != SIGCHLD) ActHere(record.signo, catchers_.Below(record.signo));
  }
}

}  // namespace sigkit
