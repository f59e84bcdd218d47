#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "hub/hub.h"

namespace sigkit {
namespace {

// As many as libuv's own pipe holds for process.on listeners, but of each signal: a storm of one leaves room for
// others.
constexpr uint32_t kHandedOnLimit = 4096;

bool SentByProcess(const SignalRecord& record, pid_t pid) {
  return record.pid == pid && (record.code == SI_USER || record.code == SI_QUEUE || record.code == SI_TKILL);
}

}  // namespace

SignalSet Hub::WaitSet() {
  const std::scoped_lock delivering(delivery_);
  return wait_set_;
}

// A signal is waited for while it has a subscriber that accepts it and no section holds it back. SIGCHLD does not come
// this way (posix/catcher.h).
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
  waiter_fd_.Watch(wait_set_);
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
  if (in_batch_) {
    session.has_news = true;
  } else {
    session.Wake();
  }
}

void Hub::WakeReader(Subscription& subscription) { Announce(*subscription.session(), subscription.id()); }

void Hub::Deliver(const siginfo_t& info) {
  const SignalRecord record = RecordOf(info, MonotonicMs());
  const std::scoped_lock delivering(delivery_);
  if (DeliverRecord(record)) RefreshWaitSet();
}

// Reads and delivers a batch under one lock, so that whoever takes a signal over later comes after, and wakes each
// session once, but the reader's own. Returns how many there were.
size_t Hub::TakeFrom(SignalFd& from, const SignalSet& signals, size_t budget, const Session* reader) {
  std::array<SignalRecord, SignalFd::kBatch> records;
  const std::scoped_lock delivering(delivery_);
  // As in ResumeIfRoom: a stream that closes has room.
  if (!caught_.empty() && DeliverCaught()) RefreshWaitSet();
  const size_t count = from.Read(records.data(), std::min(RoomFor(signals), budget));
  if (count == 0) return 0;
  bool set_changed = false;
  in_batch_ = true;
  for (size_t index = 0; index < count; ++index) set_changed |= DeliverRecord(records[index]);
  in_batch_ = false;
  for (Session* session : sessions_) {
    if (std::exchange(session->has_news, false) && session != reader) session->Wake();
  }
  if (set_changed) RefreshWaitSet();
  return count;
}

size_t Hub::TakePending() { return TakeFrom(waiter_fd_, wait_set_, SignalFd::kBatch, nullptr); }

// How many of these may be taken at once before a stream of which they wait in the kernel is full. One that is full
// already has no say: what still comes is for other streams, or merges.
size_t Hub::RoomFor(SignalSet signals) const {
  size_t room = SignalFd::kBatch;
  signals.ForEach([&](int signo) {
    for (const Subscription* subscription : subscribers_[static_cast<size_t>(signo)]) {
      if (!subscription->IsFull()) room = std::min(room, subscription->Room());
    }
  });
  return room;
}

bool Hub::DeliverRecord(const SignalRecord& record, bool hand_on) {
  guard_.OnSignal(record);
  diagnostics_.OnSignal(record);
  bool exclusive = false;
  bool set_changed = false;
  for (Subscription* subscription : subscribers_[static_cast<size_t>(record.signo)]) {
    exclusive |= subscription->exclusive();
    if (subscription == early_.subscription()) HoldEarly(record);
    if (subscription->Push(record)) WakeReader(*subscription);
    set_changed |= subscription->once() || subscription->IsFull();
  }
  if (!exclusive && hand_on) HandOn(record);
  return set_changed;
}

// process.on listeners of a claimed signal keep firing. SIGCHLD is not taken from them in the first place.
void Hub::HandOn(const SignalRecord& record) {
  if (record.signo >= kFirstRealtime || record.signo == SIGCHLD || handed_on_to_.empty()) return;
  if (handing_on_.Has(record.signo) && SentByProcess(record, getpid())) return;
  Session* session = handed_on_to_.front();
  uint32_t& waiting = session->handed_on[static_cast<size_t>(record.signo)];
  if (waiting >= kHandedOnLimit) return;
  ++waiting;
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
  if (subscription.IsFull()) return;
  // What waits for room here has come before what waits in the kernel.
  DeliverCaught();
  RefreshWaitSet();
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
  const size_t count = std::min(limit, session->ready.size());
  std::copy_n(session->ready.begin(), count, into);
  for (size_t index = 0; index < count; ++index) {
    if (into[index] <= kSignalCount) --session->handed_on[into[index]];
  }
  session->ready.erase(session->ready.begin(), session->ready.begin() + static_cast<std::ptrdiff_t>(count));
  return count;
}

}  // namespace sigkit
