#include "hub/hub.h"

#include <unistd.h>

#include <algorithm>
#include <new>

#include "posix/child_tap.h"
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

// Called by the handler of SIGCHLD: see posix/syscalls.cc.
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
  // Or it could end the process once the masks open.
  if (!ending.empty()) DrainAll();
  Release(ending);
  masks_.RemoveEnvironmentThread(session->thread);
  const std::scoped_lock delivering(delivery_);
  std::erase(sessions_, session);
  for (const Subscription* subscription : ending) subscriptions_.erase(subscription->id());
}

ClaimResult Hub::Claim(Session* session, const ClaimOptions& options) {
  const std::scoped_lock configuring(configuration_);
  ClaimResult result;
  StartFor(options, &result);
  if (result.report.error < 0) {
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
  result.report = HoldWhatIsWanted();
  if (result.report.error < 0 || !result.report.unreachable.empty()) {
    {
      const std::scoped_lock delivering(delivery_);
      subscriptions_.erase(result.id);
    }
    result.id = 0;
    StopIfIdle();
    return result;
  }
  {
    const std::scoped_lock delivering(delivery_);
    Enlist(subscription);
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

void Hub::StartFor(const ClaimOptions& options, ClaimResult* result) {
  result->report.error = StartWaiter(&result->step);
  if (result->report.error < 0) return;
  if (options.signals.Has(SIGCHLD) && !child_tap_) {
    result->step = ClaimStep::kAction;
    result->report.error = InstallChildTap(RingWaiter);
    if (result->report.error < 0) return;
    child_tap_ = true;
  }
  result->step = ClaimStep::kMasks;
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
  const SignalSet claims = Claims();
  if (child_tap_ && !claims.Has(SIGCHLD)) {
    RemoveChildTap();
    child_tap_ = false;
  }
  if (!claims.Empty() || guard_.is_open() || watchdog_.is_open() || !waiter_.running()) return;
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
  if (subscription->ended()) return StopIfIdle();
  if (!subscription->once()) DrainAll();
  Release({subscription});
}

// Ends these subscriptions in the order that loses nothing: the waiter stops taking their signals, what it had taken
// reaches them, then the masks open.
void Hub::Release(const std::vector<Subscription*>& ending) {
  {
    const std::scoped_lock delivering(delivery_);
    for (Subscription* subscription : ending) subscription->StopAccepting();
    UpdateWaitSet();
  }
  waiter_.Settle();
  {
    const std::scoped_lock delivering(delivery_);
    for (Subscription* subscription : ending) {
      Delist(subscription, subscription->signals());
      subscription->Narrow(subscription->signals());
    }
  }
  AssignTakers();
  HoldWhatIsWanted();
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

SignalSet Hub::Claims() const {
  SignalSet claims;
  for (const auto& [id, subscription] : subscriptions_) claims |= subscription->signals();
  return claims;
}

SignalSet Hub::SectionSignals() const {
  SignalSet signals;
  for (const auto& [id, blocked] : sections_) signals |= blocked;
  return signals;
}

MaskReport Hub::HoldWhatIsWanted() { return masks_.Hold((Claims() | SectionSignals()) & ~kChildSignal); }

ClaimResult Hub::BlockSection(Session* session, SignalSet signals) {
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
  result.report = HoldWhatIsWanted();
  if (result.report.error == 0 && result.report.unreachable.empty()) return result;
  {
    const std::scoped_lock delivering(delivery_);
    sections_.erase(result.id);
    session->sections.erase(result.id);
    held_back_ = SectionSignals();
    UpdateWaitSet();
  }
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
    UpdateWaitSet();
  }
  waiter_.Ring();
  HoldWhatIsWanted();
}

MaskReport Hub::ChangeProcessMask(MaskHow how, SignalSet set, SignalSet* previous) {
  const std::scoped_lock configuring(configuration_);
  return masks_.ChangeAll(how, set, SectionSignals(), previous);
}

int Hub::ChangeThreadMask(MaskHow how, SignalSet set, SignalSet* previous) {
  const std::scoped_lock configuring(configuration_);
  return masks_.ChangeOwn(how, set, SectionSignals(), previous);
}

bool Hub::Claimed(int signo) {
  const std::scoped_lock configuring(configuration_);
  return Claims().Has(signo);
}

int Hub::SendToThreadOf(pid_t tid, int signo) {
  const std::scoped_lock configuring(configuration_);
  const bool own_thread = SendToThread(tid, 0) == 0;
  const bool taken = signo != 0 && signo != SIGCHLD && Claims().Has(signo);
  // To the process, not to the waiter: what waits for one thread dies with it.
  return own_thread && taken ? KillOwnProcessAsThread(signo) : KillThread(tid, signo);
}

}  // namespace sigkit
