#include <algorithm>

#include "hub/hub.h"

namespace sigkit {
namespace {

// A turn of the event loop takes so many signals at most: a storm may never end.
constexpr size_t kTurnBudget = 256;
// As the waiter's: more than a kernel queue commonly holds.
constexpr size_t kDrainBudget = 131'072;

}  // namespace

// A loop takes a signal only where nobody else would have to wait for that loop: all streams of the signal have asked
// for it and are of its environment, and so are the process.on listeners, if it is handed on to any.
Session* Hub::LoopFor(int signo) const {
  Session* loop = nullptr;
  bool handed_on = signo < kFirstRealtime && !handed_on_to_.empty();
  for (const Subscription* subscription : subscribers_[static_cast<size_t>(signo)]) {
    Session* session = subscription->session();
    if (!subscription->by_loop() || (loop != nullptr && loop != session)) return nullptr;
    loop = session;
    handed_on &= !subscription->exclusive();
  }
  return handed_on && handed_on_to_.front() != loop ? nullptr : loop;
}

// Decides who takes which signal, the waiter or a loop. What a loop is to take, it takes once the waiter has delivered
// what it had taken: order is kept.
void Hub::AssignTakers() {
  {
    const std::scoped_lock delivering(delivery_);
    const SignalSet before = by_loop_;
    by_loop_ = SignalSet();
    for (Session* session : sessions_) session->by_loop = SignalSet();
    for (int signo = 1; signo <= kSignalCount; ++signo) {
      Session* loop = signo == SIGCHLD ? nullptr : LoopFor(signo);
      if (loop == nullptr) continue;
      loop->by_loop |= SignalSet::Of(signo);
      by_loop_ |= SignalSet::Of(signo);
    }
    moving_ = by_loop_ & ~before;
    RefreshWaitSet();
    if (moving_.Empty()) return;
  }
  waiter_.Settle();
  const std::scoped_lock delivering(delivery_);
  moving_ = SignalSet();
  UpdateWaitSet();
}

// How many signals this loop may take before a stream of which they wait in the kernel is full. One that is full
// already has no say: what still comes is for other streams, or merges.
size_t Hub::RoomOf(const Session* session) const {
  size_t room = SignalFd::kBatch;
  session->by_loop.ForEach([&](int signo) {
    for (const Subscription* subscription : subscribers_[static_cast<size_t>(signo)]) {
      if (!subscription->IsFull()) room = std::min(room, subscription->Room());
    }
  });
  return room;
}

// Reads and delivers under one lock, so that whoever takes a signal over later comes after. True if more may be
// pending, as far as the budget goes.
bool Hub::TakeBatch(Session* session, bool in_callback, size_t* budget) {
  std::array<SignalRecord, SignalFd::kBatch> records;
  const std::scoped_lock delivering(delivery_);
  const size_t limit = std::min(RoomOf(session), *budget);
  const size_t count = session->signal_fd.Read(records.data(), limit);
  session->in_callback = in_callback;
  bool set_changed = false;
  for (size_t index = 0; index < count; ++index) set_changed |= DeliverRecord(records[index]);
  session->in_callback = false;
  if (set_changed) RefreshWaitSet();
  *budget -= count;
  return count == limit && *budget > 0;
}

int Hub::OpenSignalFd(Session* session) {
  const std::scoped_lock delivering(delivery_);
  return session->signal_fd.Open();
}

void Hub::CloseSignalFd(Session* session) {
  const std::scoped_lock delivering(delivery_);
  session->signal_fd.Close();
}

bool Hub::TakeByLoop(Session* session) {
  size_t budget = kTurnBudget;
  while (TakeBatch(session, true, &budget)) continue;
  const std::scoped_lock delivering(delivery_);
  return !session->ready.empty();
}

// Under the configuration lock, so that no signal changes its taker meanwhile and is overlooked by both.
void Hub::DrainAll() {
  waiter_.Drain();
  for (Session* session : sessions_) {
    size_t budget = kDrainBudget;
    while (TakeBatch(session, false, &budget)) continue;
  }
}

void Hub::Drain() {
  const std::scoped_lock configuring(configuration_);
  DrainAll();
}

}  // namespace sigkit
