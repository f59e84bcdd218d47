#include <unistd.h>

#include <algorithm>

#include "hub/hub.h"

namespace sigkit {
namespace {

constexpr int kFirstRealtime = 32;
// As many as libuv's own pipe holds for process.on listeners.
constexpr size_t kHandedOnLimit = 4096;

bool SentByProcess(const SignalRecord& record, pid_t pid) {
  return record.pid == pid && (record.code == SI_USER || record.code == SI_QUEUE || record.code == SI_TKILL);
}

}  // namespace

SignalSet Hub::WaitSet() {
  const std::scoped_lock delivering(delivery_);
  return wait_set_;
}

// A signal is waited for while it has a subscriber that accepts it and no section holds it back. SIGCHLD does not come
// this way (posix/child_tap.h).
void Hub::UpdateWaitSet() {
  SignalSet set;
  for (int signo = 1; signo <= kSignalCount; ++signo) {
    const auto& subscribers = subscribers_[static_cast<size_t>(signo)];
    const bool accepted = std::any_of(subscribers.begin(), subscribers.end(),
                                      [&](const Subscription* subscription) { return subscription->Accepts(signo); });
    if (accepted) set |= SignalSet::Of(signo);
  }
  set &= ~(held_back_ | ending_ | moving_ | SignalSet::Of(SIGCHLD));
  wait_set_ = set & ~by_loop_;
  for (Session* session : sessions_) session->signal_fd.Watch(set & session->by_loop);
}

// The set in hand is the waiter's own copy: a changed one takes effect when it looks again.
void Hub::RefreshWaitSet() {
  const SignalSet before = wait_set_;
  UpdateWaitSet();
  if (wait_set_ != before) waiter_.Ring();
}

void Hub::Enlist(Subscription* subscription) {
  subscription->signals().ForEach([&](int signo) { subscribers_[static_cast<size_t>(signo)].push_back(subscription); });
}

void Hub::Delist(Subscription* subscription, SignalSet signals) {
  signals.ForEach([&](int signo) { std::erase(subscribers_[static_cast<size_t>(signo)], subscription); });
}

void Hub::Announce(Session& session, uint32_t ready) {
  session.ready.push_back(ready);
  if (!session.in_callback) session.Wake();
}

void Hub::WakeReader(Subscription& subscription) { Announce(*subscription.session(), subscription.id()); }

void Hub::Deliver(const siginfo_t& info, uint32_t count) {
  SignalRecord record = RecordOf(info, MonotonicMs());
  record.count = count;
  guard_.OnSignal(record);
  const std::scoped_lock delivering(delivery_);
  if (DeliverRecord(record)) RefreshWaitSet();
}

bool Hub::DeliverRecord(const SignalRecord& record) {
  bool exclusive = false;
  bool set_changed = false;
  for (Subscription* subscription : subscribers_[static_cast<size_t>(record.signo)]) {
    exclusive |= subscription->exclusive();
    if (subscription->Push(record)) WakeReader(*subscription);
    set_changed |= subscription->once() || subscription->IsFull();
  }
  if (!exclusive) HandOn(record);
  return set_changed;
}

// process.on listeners of a claimed signal keep firing. SIGCHLD is not taken from them in the first place.
void Hub::HandOn(const SignalRecord& record) {
  if (record.signo >= kFirstRealtime || record.signo == SIGCHLD || handed_on_to_.empty()) return;
  if (handing_on_.Has(record.signo) && SentByProcess(record, getpid())) return;
  Session* session = handed_on_to_.front();
  if (session->handed_on >= kHandedOnLimit) return;
  ++session->handed_on;
  Announce(*session, static_cast<uint32_t>(record.signo));
}

void Hub::SetHandingOn(SignalSet signals) {
  const std::scoped_lock delivering(delivery_);
  handing_on_ = signals;
}

size_t Hub::Take(uint32_t id, SignalRecord* into, size_t limit, bool wait, bool* ended) {
  const std::scoped_lock delivering(delivery_);
  const auto found = subscriptions_.find(id);
  *ended = found == subscriptions_.end();
  if (*ended) return 0;
  Subscription& subscription = *found->second;
  const bool was_full = subscription.IsFull();
  const size_t taken = subscription.Take(into, limit, wait);
  if (was_full) ResumeIfRoom(subscription);
  *ended = taken == 0 && subscription.ended();
  return taken;
}

void Hub::ResumeIfRoom(const Subscription& subscription) {
  if (!subscription.IsFull()) RefreshWaitSet();
}

StreamState Hub::State(uint32_t id) {
  const std::scoped_lock delivering(delivery_);
  const auto found = subscriptions_.find(id);
  if (found == subscriptions_.end()) return StreamState{};
  const Subscription& subscription = *found->second;
  return StreamState{subscription.queued(), subscription.dropped(), subscription.signals()};
}

size_t Hub::TakeReady(Session* session, uint32_t* into, size_t limit) {
  const std::scoped_lock delivering(delivery_);
  const auto begin = session->ready.begin();
  const size_t count = std::min(limit, session->ready.size());
  const auto end = begin + static_cast<std::ptrdiff_t>(count);
  std::copy(begin, end, into);
  session->handed_on -=
      static_cast<size_t>(std::count_if(begin, end, [](uint32_t ready) { return ready <= kSignalCount; }));
  session->ready.erase(begin, end);
  return count;
}

}  // namespace sigkit
