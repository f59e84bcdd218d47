#ifndef SIGKIT_HUB_SUBSCRIPTION_H_
#define SIGKIT_HUB_SUBSCRIPTION_H_

#include <cstdint>
#include <vector>

#include "hub/record_queue.h"
#include "posix/signal_set.h"

namespace sigkit {

class Session;

enum class Overflow { kWait = 0, kDropOldest = 1, kDropNewest = 2 };

struct ClaimOptions {
  SignalSet signals;
  uint32_t capacity = 0;
  Overflow overflow = Overflow::kWait;
  bool exclusive = false;  // process.on listeners do not get what this claim gets
  bool by_loop = false;    // its environment's event loop may take its signals
  bool once = false;       // takes one signal and leaves the rest in the kernel (sigtimedwait)
};

// One stream's share of the signals. Guarded by the hub's delivery lock.
class Subscription {
 public:
  Subscription(uint32_t id, Session* session, const ClaimOptions& options);

  uint32_t id() const { return id_; }
  Session* session() const { return session_; }
  SignalSet signals() const { return signals_; }
  bool exclusive() const { return options_.exclusive; }
  bool by_loop() const { return options_.by_loop; }
  bool once() const { return options_.once; }
  // Has taken the one signal that it was to take.
  bool spent() const { return spent_; }
  bool ended() const { return signals_.Empty(); }
  size_t queued() const { return queue_.size(); }
  const SignalRecord* oldest() { return queue_.Oldest(); }
  uint64_t dropped() const { return dropped_; }

  void Narrow(SignalSet gone) { signals_ &= ~gone; }
  // What is still pending at the close is taken whatever the capacity: its sender has been told that it was sent.
  void LiftCapacity() { unbounded_ = true; }
  void RestoreCapacity() { unbounded_ = false; }
  // Nothing more is to be taken for it; what has been taken already still comes in.
  void StopAccepting() { accepting_ = false; }

  // Whether a signal may be taken from the kernel for this subscription.
  bool Accepts(int signo) const;
  bool IsFull() const;
  // How many signals that wait in the kernel may be taken at once. Not for one that is full.
  size_t Room() const;
  // True when a reader waits for it.
  bool Push(const SignalRecord& record);
  // Up to `limit` records; when there is none and `wait` is set, the next Push tells of a waiting reader.
  size_t Take(SignalRecord* into, size_t limit, bool wait);
  // All that waits of these signals.
  std::vector<SignalRecord> Withdraw(SignalSet signals);

 private:
  void Store(const SignalRecord& record);

  const uint32_t id_;
  Session* const session_;
  const ClaimOptions options_;
  SignalSet signals_;
  RecordQueue queue_;
  uint64_t dropped_ = 0;
  uint32_t handed_ = 0;  // the size of a batch that the reader is still busy with
  bool unbounded_ = false;
  bool accepting_ = true;
  bool spent_ = false;
  bool reader_waits_ = false;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_SUBSCRIPTION_H_
