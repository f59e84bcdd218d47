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
    // A loop whose descriptor somebody has closed is not woken.
    if (!subscription->by_loop() || !session->signal_fd.IsOpen() || (loop != nullptr && loop != session))
      return nullptr;
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

int Hub::OpenSignalFd(Session* session) {
  const std::scoped_lock delivering(delivery_);
  return session->signal_fd.Open();
}

// False also where somebody else has closed it.
bool Hub::HasSignalFd(Session* session) {
  const std::scoped_lock delivering(delivery_);
  return session->signal_fd.IsOpen();
}

void Hub::CloseSignalFd(Session* session) {
  const std::scoped_lock delivering(delivery_);
  session->signal_fd.Close();
}

bool Hub::TakeByLoop(Session* session) {
  for (size_t budget = kTurnBudget; budget > 0;) {
    const size_t taken = TakeFrom(session->signal_fd, session->by_loop, budget, session);
    // What is left, if anything, the loop sees again.
    if (taken < SignalFd::kBatch) break;
    budget -= taken;
  }
  const std::scoped_lock delivering(delivery_);
  return !session->ready.empty();
}

// Under the configuration lock, so that no signal changes its taker meanwhile and is overlooked by both.
void Hub::DrainAll() {
  waiter_.Drain();
  for (Session* session : sessions_) {
    for (size_t budget = kDrainBudget; budget > 0;) {
      const size_t taken = TakeFrom(session->signal_fd, session->by_loop, budget, nullptr);
      if (taken == 0) break;
      budget -= taken;
    }
  }
}

// What has been taken already is delivered before the waiter settles.
void Hub::DrainWhatIsPending(SignalSet signals) {
  SignalSet pending;
  if (PendingSignals(&pending) < 0 || !(pending & signals).Empty()) DrainAll();
}

void Hub::Drain() {
  const std::scoped_lock configuring(configuration_);
  DrainAll();
}

}  // namespace sigkit
