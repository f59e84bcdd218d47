#include "hub/subscription.h"

#include <signal.h>

namespace sigkit {
Subscription::Subscription(uint32_t id, Session* session, const ClaimOptions& options)
    : id_(id), session_(session), options_(options), signals_(options.signals) {}

bool Subscription::IsFull() const { return !unbounded_ && queue_.size() + handed_ >= options_.capacity; }

size_t Subscription::Room() const {
  if (options_.overflow != Overflow::kWait || unbounded_) return SIZE_MAX;
  return options_.capacity - queue_.size() - handed_;
}

bool Subscription::Accepts(int signo) const {
  if (spent_ || !accepting_) return false;
  if (options_.once || options_.overflow != Overflow::kWait || signo < kFirstRealtime) return true;
  return !IsFull();
}

bool Subscription::Push(const SignalRecord& record) {
  if (spent_) return false;
  if (options_.once) spent_ = true;
  Store(record);
  const bool waits = reader_waits_;
  reader_waits_ = false;
  return waits;
}

void Subscription::Store(const SignalRecord& record) {
  if (!IsFull()) {
    if (!queue_.Push(record)) ++dropped_;
    return;
  }
  if (options_.overflow == Overflow::kDropOldest) {
    ++dropped_;
    if (queue_.size() > 0) queue_.DropOldest();
    queue_.Push(record);
    return;
  }
  if (options_.overflow == Overflow::kDropNewest || record.signo >= kFirstRealtime) {
    ++dropped_;
    return;
  }
  // As the kernel does with standard signals, but counted. The first of each goes in beyond the capacity: 31 at most.
  SignalRecord* newest = queue_.Newest(record.signo);
  if (newest != nullptr) {
    newest->count += record.count;
  } else if (!queue_.Push(record)) {
    ++dropped_;
  }
}

std::vector<SignalRecord> Subscription::Withdraw(SignalSet signals) {
  std::vector<SignalRecord> withdrawn;
  SignalRecord record;
  for (size_t left = queue_.size(); left > 0 && queue_.Take(&record, 1) == 1; --left) {
    // What stays goes to the end of the queue, in the same order.
    if (!signals.Has(record.signo))
      queue_.Push(record);
    else
      withdrawn.push_back(record);
  }
  return withdrawn;
}

size_t Subscription::Take(SignalRecord* into, size_t limit, bool wait) {
  const size_t count = queue_.Take(into, limit);
  handed_ = count > 1 ? static_cast<uint32_t>(count) : 0;
  // A look without waiting leaves another reader's wish as it is.
  if (wait) reader_waits_ = count == 0;
  return count;
}

}  // namespace sigkit
