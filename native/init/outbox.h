#ifndef SIGKIT_INIT_OUTBOX_H_
#define SIGKIT_INIT_OUTBOX_H_

#include <signal.h>

#include <array>
#include <cstdint>

#include "posix/clock.h"
#include "posix/signal_set.h"

namespace sigkit::init {

// A signal that init has taken and is to send on: what of its siginfo can be sent (rt_sigqueueinfo(2)).
struct Message {
  int signo = 0;
  int code = 0;
  pid_t pid = 0;
  uid_t uid = 0;
  uint64_t value = 0;

  static Message From(const siginfo_t& info);
  siginfo_t Info() const;
  // Whether it carries a value, and may be sent on with it.
  bool IsQueued() const { return code < 0 && code != SI_TKILL; }
};

// What cannot be sent yet, in order of arrival: it is held, delayed, or the receiver's queue is full. A standard signal
// stands there once, as in the kernel. Fixed memory; what does not fit stays in the kernel.
class Outbox {
 public:
  bool HasRoomForQueued() const { return count_ < kCapacity - kStandardSignals; }
  void Add(const Message& message, Time due);
  bool Has(int signo) const;
  // A signal that is not due holds up later ones of its own number.
  Time NextDue() const;
  // Sends what is due, by send(message): false if it has to be tried again a little later.
  template <typename Send>
  void Flush(Send send) {
    const Time now = Now();
    SignalSet kept;
    size_t left = 0;
    for (size_t at = 0; at < count_; ++at) {
      Entry entry = entries_[at];
      const SignalSet number = SignalSet::Of(entry.message.signo);
      if (!kept.Contains(number) && entry.due <= now) {
        if (send(entry.message)) continue;
        entry.due = now + kRetry;
      }
      kept |= number;
      entries_[left++] = entry;
    }
    count_ = left;
  }

 private:
  static constexpr size_t kCapacity = 4096;
  static constexpr size_t kStandardSignals = 31;
  static constexpr Time kRetry = kSecond / 500;
  struct Entry {
    Message message;
    Time due = 0;
  };
  std::array<Entry, kCapacity> entries_ = {};
  size_t count_ = 0;
};

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_OUTBOX_H_
