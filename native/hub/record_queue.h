#ifndef SIGKIT_HUB_RECORD_QUEUE_H_
#define SIGKIT_HUB_RECORD_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "posix/signal_record.h"

namespace sigkit {

// A first-in-first-out ring that grows by doubling and never throws: a full memory looks like a full queue.
class RecordQueue {
 public:
  size_t size() const { return tail_ - head_; }
  bool Push(const SignalRecord& record);
  size_t Take(SignalRecord* into, size_t limit);
  void DropOldest() { ++head_; }
  // The one that waits for longest, or null.
  const SignalRecord* Oldest() { return size() == 0 ? nullptr : &At(head_); }
  // The newest waiting record of this signal, or null.
  SignalRecord* Newest(int signo);

 private:
  bool Grow();
  SignalRecord& At(uint64_t position) { return records_[position & (capacity_ - 1)]; }

  std::unique_ptr<SignalRecord[]> records_;
  size_t capacity_ = 0;
  uint64_t head_ = 0;
  uint64_t tail_ = 0;
  uint64_t newest_[65] = {};  // by signal: 1 + its position
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_RECORD_QUEUE_H_
