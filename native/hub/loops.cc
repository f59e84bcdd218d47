#include <algorithm>

#include "hub/hub.h"

namespace sigkit {
namespace {

constexpr int kFirstRealtime = 32;
// A turn of the event loop takes so many at most: a storm may never end.
constexpr int kBatchesPerTurn = 4;
// As the waiter's budget of a drain: what waits in a kernel queue, commonly.
constexpr int kBatchesPerDrain = 2048;

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

// How many signals this loop may take before a stream of which they wait in the kernel is full.
size_t Hub::RoomOf(const Session* session) const {
  size_t room = SignalFd::kBatch;
  for (const auto& [id, subscription] : subscriptions_) {
    if (subscription->session() == session) room = std::min(room, subscription->Room());
  }
  return std::max<size_t>(room, 1);
}

// Reads and delivers under one lock, so that whoever takes a signal over later comes after. True if more may be
// pending.
bool Hub::TakeBatch(Session* session, bool in_callback) {
  std::array<SignalRecord, SignalFd::kBatch> records;
  const std::scoped_lock delivering(delivery_);
  const size_t limit = RoomOf(session);
  const size_t count = session->signal_fd.Read(records.data(), limit);
  session->in_callback = in_callback;
  bool set_changed = false;
  for (size_t index = 0; index < count; ++index) set_changed |= DeliverRecord(records[index]);
  session->in_callback = false;
  if (set_changed) RefreshWaitSet();
  return count == limit;
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
  for (int batch = 0; batch < kBatchesPerTurn; ++batch) {
    if (!TakeBatch(session, true)) break;
  }
  const std::scoped_lock delivering(delivery_);
  return !session->ready.empty();
}

// Under the configuration lock, so that no signal changes its taker meanwhile and is overlooked by both.
void Hub::DrainAll() {
  waiter_.Drain();
  for (Session* session : sessions_) {
    for (int batch = 0; batch < kBatchesPerDrain; ++batch) {
      if (!TakeBatch(session, false)) break;
    }
  }
}

void Hub::Drain() {
  const std::scoped_lock configuring(configuration_);
  DrainAll();
}

}  // namespace sigkit
