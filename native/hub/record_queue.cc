#include "hub/record_queue.h"

#include <algorithm>
#include <new>

namespace sigkit {
namespace {

constexpr size_t kFirstCapacity = 64;
// A ring that a burst has grown beyond this is given back once it is empty.
constexpr size_t kKeptCapacity = 4096;

}  // namespace

bool RecordQueue::Grow() {
  const size_t capacity = capacity_ == 0 ? kFirstCapacity : capacity_ * 2;
  std::unique_ptr<SignalRecord[]> grown(new (std::nothrow) SignalRecord[capacity]);
  if (grown == nullptr) return false;
  for (uint64_t position = head_; position != tail_; ++position) grown[position & (capacity - 1)] = At(position);
  records_ = std::move(grown);
  capacity_ = capacity;
  return true;
}

bool RecordQueue::Push(const SignalRecord& record) {
  if (size() == capacity_ && !Grow()) return false;
  At(tail_) = record;
  newest_[record.signo] = ++tail_;
  return true;
}

size_t RecordQueue::Take(SignalRecord* into, size_t limit) {
  const size_t count = std::min(limit, size());
  for (size_t i = 0; i < count; ++i) into[i] = At(head_ + i);
  head_ += count;
  if (size() == 0 && capacity_ > kKeptCapacity) {
    records_.reset();
    capacity_ = 0;
  }
  return count;
}

SignalRecord* RecordQueue::Newest(int signo) {
  const uint64_t after = newest_[signo];
  return after > head_ ? &At(after - 1) : nullptr;
}

}  // namespace sigkit
