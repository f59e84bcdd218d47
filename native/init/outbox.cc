#include "init/outbox.h"

#include <algorithm>
#include <cstring>

namespace sigkit::init {
namespace {

constexpr int kFirstQueued = 32;  // the kernel's first real-time signal; libc's is 34

}  // namespace

Message Message::From(const siginfo_t& info) {
  Message message = {.signo = info.si_signo, .code = info.si_code, .pid = info.si_pid, .uid = info.si_uid, .value = 0};
  memcpy(&message.value, &info.si_value, sizeof(message.value));
  return message;
}

siginfo_t Message::Info() const {
  siginfo_t info = {};
  info.si_signo = signo;
  info.si_code = code;
  info.si_pid = pid;
  info.si_uid = uid;
  memcpy(&info.si_value, &value, sizeof(value));
  return info;
}

void Outbox::Add(const Message& message, Time due) {
  if (message.signo < kFirstQueued && Has(message.signo)) return;
  entries_[count_++] = {.message = message, .due = due};
}

bool Outbox::Has(int signo) const {
  return std::any_of(entries_.begin(), entries_.begin() + count_,
                     [signo](const Entry& entry) { return entry.message.signo == signo; });
}

Time Outbox::NextDue() const {
  Time next = kNever;
  SignalSet seen;
  for (size_t at = 0; at < count_; ++at) {
    const SignalSet number = SignalSet::Of(entries_[at].message.signo);
    if (!seen.Contains(number)) next = std::min(next, entries_[at].due);
    seen |= number;
  }
  return next;
}

}  // namespace sigkit::init
