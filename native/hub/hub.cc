#include "hub/hub.h"

#include <unistd.h>

#include <algorithm>
#include <new>

#include "posix/catcher.h"
#include "posix/send.h"

namespace sigkit {
namespace {

constexpr SignalSet kChildSignal = SignalSet::Of(SIGCHLD);

}  // namespace

// Never destroyed: threads of other environments may still use it while the process exits.
__attribute__((no_sanitize("thread", "address", "undefined"))) Hub& Hub::Get() {
  static Hub* const hub = new Hub;
  return *hub;
}

// Called by the catcher: see posix/syscalls.cc.
__attribute__((no_sanitize("thread", "address", "undefined"))) void Hub::RingWaiter() { Get().waiter_.Ring(); }

void Hub::Attach(Session* session, bool takes_handed_on) {
  const std::scoped_lock configuring(configuration_);
  session->thread = ThreadId();
  masks_.AddEnvironmentThread(session->thread);
  {
    const std::scoped_lock delivering(delivery_);
    sessions_.push_back(session);
    if (takes_handed_on) handed_on_to_.push_back(session);
  }
  AssignTakers();
}

void Hub::Detach(Session* session) {
  const std::scoped_lock configuring(configuration_);
  std::vector<Subscription*> ending;
  {
    const std::scoped_lock delivering(delivery_);
    std::erase(handed_on_to_, session);
    SignalSet elsewhere;
    for (const auto& [id, subscription] : subscriptions_) {
      if (subscription->session() == session) {
        ending.push_back(subscription.get());
      } else {
        elsewhere |= subscription->signals();
      }
    }
    // As at a close, but nothing is taken away from a full stream for one that nobody will read.
    for (Subscription* subscription : ending) {
      if ((subscription->signals() & elsewhere).Empty()) subscription->LiftCapacity();
    }
    for (const uint32_t id : session->sections) sections_.erase(id);
    held_back_ = SectionSignals();
    session->sections.clear();
    UpdateWaitSet();
  }
  Release(session, ending, !ending.empty());
  masks_.RemoveEnvironmentThread(session->thread);
  const std::scoped_lock delivering(delivery_);
  std::erase(sessions_, session);
  for (const Subscription* subscription : ending) {
    if (subscription == early_.subscription()) early_.Close();
    subscriptions_.erase(subscription->id());
  }
}

ClaimResult Hub::Claim(Session* session, const ClaimOptions& options) {
  const std::scoped_lock configuring(configuration_);
  return MakeClaim(session, options, [&](Subscription*) { WithdrawEarly(options.signals); });
}

// `made`: under the delivery lock, before it gets anything.
ClaimResult Hub::MakeClaim(Session* session, const ClaimOptions& options,
                           const std::function<void(Subscription*)>& made) {
  ClaimResult result;
  StartFor(session, options, &result);
  if (result.report.error < 0) {
    // What a handler that stood for a moment has caught meanwhile.
    catchers_.Disarm();
    waiter_.Settle();
    ReturnCaught({});
    StopIfIdle();
    return result;
  }
  Subscription* subscription = nullptr;
  {
    const std::scoped_lock delivering(delivery_);
    result.id = FreeId();
    auto owned = std::make_unique<Subscription>(result.id, session, options);
    subscription = owned.get();
    subscriptions_.emplace(result.id, std::move(owned));
  }
  // The handler first, then the masks: what comes meanwhile is noted.
  result.report = HoldWhatIsWanted(Reach::kCaught);
  if (result.report.error < 0) {
    LeaveToOthers(session, {subscription}, SignalSet::All());
    {
      const std::scoped_lock delivering(delivery_);
      subscriptions_.erase(result.id);
    }
    waiter_.Settle();
    ReturnCaught({});
    HoldWhatIsWanted(Reach::kCertain);
    catchers_.Disarm();
    result.id = 0;
    StopIfIdle();
    return result;
  }
  {
    const std::scoped_lock delivering(delivery_);
    made(subscription);
    Enlist(subscription);
    // What has come already is there before what a loop takes.
    DeliverCaught();
  }
  AssignTakers();
  waiter_.Ring();
  return result;
}

int Hub::StartWaiter(ClaimStep* step) {
  if (waiter_.running()) return 0;
  *step = ClaimStep::kDescriptor;
  int error = OpenWaiterFd();
  if (error < 0) return error;
  *step = ClaimStep::kThread;
  error = waiter_.Start();
  if (error == 0) masks_.SetExcluded(waiter_.tid());
  if (error < 0) CloseWaiterFd();
  return error;
}

void Hub::StartFor(Session* session, const ClaimOptions& options, ClaimResult* result) {
  result->report.error = StartWaiter(&result->step);
  if (result->report.error < 0) return;
  result->step = ClaimStep::kAction;
  SetCatcherRing(RingWaiter);
  SetCatcherMask((Claims() | options.signals | SectionSignals()) & ~kChildSignal, masks_.edit_signal());
  result->report.error = catchers_.Add(*session, options.signals);
  if (result->report.error == 0) result->step = ClaimStep::kMasks;
}

int Hub::OpenWaiterFd() {
  const std::scoped_lock delivering(delivery_);
  const int fd = waiter_fd_.Open();
  return std::min(fd, 0);
}

void Hub::CloseWaiterFd() {
  const std::scoped_lock delivering(delivery_);
  waiter_fd_.Close();
}

void Hub::StopIfIdle() {
  if (!Claims().Empty() || guard_.is_open() || watchdog_.is_open() || !waiter_.running()) return;
  waiter_.Stop();
  CloseWaiterFd();
  masks_.SetExcluded(0);
}

void Hub::Close(uint32_t id) {
  const std::scoped_lock configuring(configuration_);
  Subscription* subscription = nullptr;
  {
    const std::scoped_lock delivering(delivery_);
    const auto found = subscriptions_.find(id);
    if (found == subscriptions_.end()) return;
    subscription = found->second.get();
    if (!subscription->ended() && !subscription->once()) {
      subscription->LiftCapacity();
      UpdateWaitSet();
    }
  }
  if (subscription->ended()) {
    LeaveToOthers(subscription->session(), {subscription}, SignalSet::All());
    HoldWhatIsWanted(Reach::kCertain);
    return StopIfIdle();
  }
  Release(subscription->session(), {subscription}, !subscription->once());
}

// libuv sets the default action for a moment when its last watcher goes: what was taken away from a claim before, by
// ignoreSignals, must not end the process in it. The caller holds what is wanted after.
void Hub::CloseBeforeUnwatching(const Session& session, SignalSet signals) {
  SignalSet open;
  (session.watched & signals & ~(Claims() | SectionSignals() | kChildSignal)).ForEach([&](int signo) {
    KernelSigaction action;
    if (ReadAction(signo, &action) == 0 && !IsDefault(action)) open |= SignalSet::Of(signo);
  });
  if (!open.Empty()) masks_.Hold(Claims() & ~kChildSignal, SectionSignals() | open, Reach::kCaught);
}

// What only these claim gets back its action, while its masks are closed still: libuv's watchers go first.
void Hub::LeaveToOthers(Session* session, const std::vector<Subscription*>& ending, SignalSet signals) {
  SignalSet claimed_by_session;
  SignalSet claimed;
  for (const auto& [id, subscription] : subscriptions_) {
    if (std::find(ending.begin(), ending.end(), subscription.get()) != ending.end()) continue;
    claimed |= subscription->signals();
    if (subscription->session() == session) claimed_by_session |= subscription->signals();
  }
  if (session != nullptr) {
    CloseBeforeUnwatching(*session, signals & ~claimed_by_session);
    catchers_.Unwatch(*session, signals & ~claimed_by_session);
  }
  catchers_.Remove(catchers_.signals() & signals & ~claimed);
}

// Ends these subscriptions in the order that loses nothing: what is pending is taken while catchers stand by the open
// threads; their signals get back their actions; the waiter stops taking them; the masks open. By then each open thread
// has come out of its handler, and what those have caught reaches the streams.
void Hub::Release(Session* session, const std::vector<Subscription*>& ending, bool takes_pending) {
  SignalSet signals;
  for (const Subscription* subscription : ending) signals |= subscription->signals();
  if (takes_pending) DrainWhatIsPending(signals);
  LeaveToOthers(session, ending, SignalSet::All());
  if (takes_pending) DrainWhatIsPending(signals);
  {
    const std::scoped_lock delivering(delivery_);
    for (Subscription* subscription : ending) subscription->StopAccepting();
    UpdateWaitSet();
  }
  waiter_.Settle();
  if (!takes_pending) ReturnCaught(ending);
  HoldWhatIsWanted(Reach::kCertain, ending);
  catchers_.Disarm();
  {
    const std::scoped_lock delivering(delivery_);
    TakeNotes();
    DeliverLate(signals);
    for (Subscription* subscription : ending) {
      Delist(subscription, subscription->signals());
      subscription->Narrow(subscription->signals());
    }
  }
  AssignTakers();
  ReturnCaught({});
  StopIfIdle();
}

void Hub::Free(uint32_t id) {
  Close(id);
  const std::scoped_lock locking(configuration_, delivery_);
  const auto found = subscriptions_.find(id);
  if (found == subscriptions_.end()) return;
  // Or its news would be told to who gets its number next.
  std::erase(found->second->session()->ready, id);
  subscriptions_.erase(found);
}

uint32_t Hub::FreeId() {
  return ids_.Next([this](uint32_t id) { return subscriptions_.contains(id) || sections_.contains(id); });
}

SignalSet Hub::Claims(const std::vector<Subscription*>& ending) const {
  SignalSet claims;
  for (const auto& [id, subscription] : subscriptions_) {
    if (std::find(ending.begin(), ending.end(), subscription.get()) == ending.end()) claims |= subscription->signals();
  }
  return claims;
}

SignalSet Hub::SectionSignals() const {
  SignalSet signals;
  for (const auto& [id, blocked] : sections_) signals |= blocked;
  return signals;
}

MaskReport Hub::HoldWhatIsWanted(Reach reach, const std::vector<Subscription*>& ending) {
  const SignalSet claims = Claims(ending) & ~kChildSignal;
  SetCatcherMask(claims | SectionSignals(), masks_.edit_signal());
  const MaskReport report = masks_.Hold(claims, SectionSignals(), reach);
  // The doorbell may have been among what was recalled.
  if (masks_.TakeRecalled()) waiter_.RingAnew();
  return report;
}

ClaimResult Hub::BlockSection(Session* session, SignalSet signals, Reach reach) {
  const std::scoped_lock configuring(configuration_);
  ClaimResult result;
  signals = masks_.Blockable(signals) & ~kChildSignal;
  {
    const std::scoped_lock delivering(delivery_);
    result.id = FreeId();
    sections_.emplace(result.id, signals);
    session->sections.insert(result.id);
    held_back_ = SectionSignals();
    UpdateWaitSet();
  }
  waiter_.Settle();
  result.report = HoldWhatIsWanted(reach);
  const bool holds = reach != Reach::kCertain || result.report.unreachable.empty();
  if (result.report.error == 0 && holds) return result;
  {
    const std::scoped_lock delivering(delivery_);
    sections_.erase(result.id);
    session->sections.erase(result.id);
    held_back_ = SectionSignals();
    UpdateWaitSet();
  }
  HoldWhatIsWanted(Reach::kCertain);
  waiter_.Ring();
  result.id = 0;
  return result;
}

void Hub::EndSection(Session* session, uint32_t id) {
  const std::scoped_lock configuring(configuration_);
  {
    const std::scoped_lock delivering(delivery_);
    if (session->sections.erase(id) == 0) return;
    sections_.erase(id);
    held_back_ = SectionSignals();
    // What has waited here is there when this returns: nothing may keep the process alive until the waiter looks.
    DeliverCaught();
    UpdateWaitSet();
  }
  waiter_.Ring();
  HoldWhatIsWanted(Reach::kCertain);
}

MaskReport Hub::ChangeProcessMask(MaskHow how, SignalSet set, SignalSet* previous) {
  const std::scoped_lock configuring(configuration_);
  return masks_.ChangeAll(how, set, SectionSignals(), previous);
}

int Hub::ChangeThreadMask(MaskHow how, SignalSet set, SignalSet* previous) {
  const std::scoped_lock configuring(configuration_);
  return masks_.ChangeOwn(how, set, SectionSignals(), previous);
}

int Hub::OpenThread() {
  const std::scoped_lock configuring(configuration_);
  catchers_.Restore();
  return masks_.OpenOwn();
}

void Hub::CloseThread() {
  const std::scoped_lock configuring(configuration_);
  masks_.CloseOwn();
  catchers_.Restore();
}

bool Hub::Claimed(int signo) {
  const std::scoped_lock configuring(configuration_);
  return Claims().Has(signo);
}

Hub::Covered Hub::CoveredActions() {
  const std::scoped_lock configuring(configuration_);
  Covered covered = {.claimed = catchers_.signals(), .ignored = {}, .handled = {}};
  covered.claimed.ForEach([&](int signo) {
    const KernelSigaction below = catchers_.Below(signo);
    if (IsIgnore(below)) covered.ignored |= SignalSet::Of(signo);
    if (!IsIgnore(below) && !IsDefault(below)) covered.handled |= SignalSet::Of(signo);
  });
  return covered;
}

int Hub::SendToThreadOf(pid_t tid, int signo) {
  const std::scoped_lock configuring(configuration_);
  const bool own_thread = SendToThread(tid, 0) == 0;
  const bool taken = signo != 0 && signo != SIGCHLD && Claims().Has(signo);
  // To the process, not to the waiter: what waits for one thread dies with it.
  return own_thread && taken ? KillOwnProcessAsThread(signo) : KillThread(tid, signo);
}

}  // namespace sigkit
