#include <unistd.h>

#include <algorithm>

#include "hub/hub.h"
#include "posix/caught_notes.h"
#include "posix/send.h"

namespace sigkit {

// What catchers have noted waits here as it would in the kernel: for a section to end, for room in a stream.
void Hub::TakeCaught() {
  const std::scoped_lock delivering(delivery_);
  TakeNotes();
  if (!caught_.empty() && DeliverCaught()) RefreshWaitSet();
}

void Hub::TakeNotes() {
  CaughtSignal caught;
  while (TakeNote(&caught)) {
    SignalRecord record = RecordOf(caught.info, MonotonicMs());
    record.count = caught.count;
    caught_.push_back(Caught{caught.info, record, true});
  }
}

bool Hub::DeliverCaught() {
  bool set_changed = false;
  std::erase_if(caught_, [&](const Caught& caught) {
    if (!Accepts(caught.record.signo)) return false;
    set_changed |= DeliverRecord(caught.record, caught.hand_on);
    return true;
  });
  return set_changed;
}

bool Hub::Accepts(int signo) const {
  if ((held_back_ | ending_ | moving_).Has(signo)) return false;
  const auto& subscribers = subscribers_[static_cast<size_t>(signo)];
  return std::any_of(subscribers.begin(), subscribers.end(),
                     [&](const Subscription* subscription) { return subscription->Accepts(signo); });
}

// What was caught before its streams stopped to accept, and was noted after.
void Hub::DeliverLate(SignalSet signals) {
  std::erase_if(caught_, [&](const Caught& caught) {
    const int signo = caught.record.signo;
    const auto& subscribers = subscribers_[static_cast<size_t>(signo)];
    const bool wanted = std::any_of(subscribers.begin(), subscribers.end(),
                                    [](const Subscription* subscription) { return !subscription->spent(); });
    if (!wanted || !signals.Has(signo) || held_back_.Has(signo)) return false;
    DeliverRecord(caught.record, caught.hand_on);
    return true;
  });
}

// What nobody claims any more goes back to the kernel: a close takes nothing away.
void Hub::ReturnCaught(const std::vector<Subscription*>& ending) {
  std::vector<Caught> unclaimed;
  {
    const std::scoped_lock delivering(delivery_);
    const SignalSet claims = Claims(ending);
    std::erase_if(caught_, [&](const Caught& caught) {
      if (claims.Has(caught.record.signo)) return false;
      unclaimed.push_back(caught);
      return true;
    });
  }
  for (const Caught& caught : unclaimed) {
    // SIGCHLD has had its action.
    for (uint32_t copy = 0; copy < caught.record.count && caught.record.signo != SIGCHLD; ++copy)
      SendAgain(caught.info);
  }
}

// Only the main thread may queue any siginfo to its process (rt_sigqueueinfo(2)); else its sender is lost.
void Hub::SendAgain(const siginfo_t& info) {
  if (QueueInfo(getpid(), info) < 0) Kill(getpid(), info.si_signo);
}

// By libuv, whose handler stands there for a moment when a claim begins, or as long as an environment has not heard
// that its claim has been taken away.
void Hub::Heard(Session* session, int signo) {
  const std::scoped_lock configuring(configuration_);
  if (Claims().Has(signo)) {
    const std::scoped_lock delivering(delivery_);
    siginfo_t info = {};
    info.si_signo = signo;
    // Its process.on listeners have been called.
    caught_.push_back(Caught{info, RecordOf(info, MonotonicMs()), false});
    if (DeliverCaught()) RefreshWaitSet();
    return;
  }
  // It comes again, unless listeners have heard it too.
  LeaveToOthers(session, {}, SignalSet::Of(signo));
  HoldWhatIsWanted(Reach::kCertain);
}

}  // namespace sigkit
