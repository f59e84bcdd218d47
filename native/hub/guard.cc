#include "hub/guard.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>

#include "hub/hang_text.h"
#include "hub/say.h"
#include "hub/sender_text.h"
#include "posix/clock.h"
#include "posix/send.h"
#include "posix/signal_names.h"

namespace sigkit {
namespace {

constexpr int kDeadlineCode = 124;  // as timeout(1)
constexpr int kSignalCode = 128;    // as a shell
constexpr const char* kDeadline = "the deadline";
// Who hands on a signal that has come by itself, too, does so at once.
constexpr double kHandedOnMs = 1000;

bool IsFromItself(const SignalRecord& record) { return record.pid == getpid(); }

}  // namespace

void Guard::Open(const Options& options) {
  const std::scoped_lock locking(lock_);
  options_ = options;
  armed_ = begun_ = told_ = concluded_ = false;
  deadline_ = kNever;
  first_ = SignalRecord{};
  said_how_to_force_ = false;
  snprintf(cause_.data(), cause_.size(), "shutdown by hand");
  description_[0] = '\0';
  groups_.Clear();
  LoopPolls();
  open_ = true;
}

void Guard::Close() {
  const std::scoped_lock locking(lock_);
  open_ = false;
  deadline_ = kNever;
  groups_.Clear();
}

void Guard::Arm() {
  const std::scoped_lock locking(lock_);
  armed_ = true;
}

void Guard::BeginLocked(Time now) {
  if (!open_ || !armed_ || begun_) return;
  begun_ = true;
  began_at_ = now;
  deadline_ = now + options_.budget;
}

void Guard::Begin() {
  const std::scoped_lock locking(lock_);
  BeginLocked(Now());
}

void Guard::Extend(Time by) {
  const std::scoped_lock locking(lock_);
  if (deadline_ != kNever) deadline_ += std::min(by, kNever - 1 - deadline_);
}

void Guard::Describe(std::string_view text) {
  const std::scoped_lock locking(lock_);
  size_t length = std::min(text.size(), description_.size() - 1);
  // Not in the middle of a character.
  while (length < text.size() && length > 0 && (text[length] & 0xC0) == 0x80) --length;
  memcpy(description_.data(), text.data(), length);
  description_[length] = '\0';
}

void Guard::TellDeadline() {
  const std::scoped_lock locking(lock_);
  if (!begun_) return;
  // By the main thread, which does not hang.
  WriteLastLine(kDeadlineCode, kDeadline, "");
  told_ = true;
}

void Guard::Conclude(int code, int signo) {
  const std::scoped_lock locking(lock_);
  concluded_ = true;
  concluded_code_ = code;
  concluded_signal_ = signo;
}

int Guard::AddGroup(const HeldGroup& group) {
  const std::scoped_lock locking(lock_);
  return groups_.Add(group);
}

void Guard::RemoveGroup(pid_t pgid) {
  const std::scoped_lock locking(lock_);
  groups_.Remove(pgid);
}

// What this process sends itself, such as a listener that is done and dies of its signal, asks for nothing new.
bool Guard::Forces(const SignalRecord& record) const {
  if (record.code == SI_KERNEL) return options_.forced_by_kernel.Has(record.signo);
  if (record.code == SI_QUEUE) return options_.forced_by_queue.Has(record.signo);
  return !IsFromItself(record) && options_.forced_by_others.Has(record.signo);
}

void Guard::OnSignal(const SignalRecord& record) {
  const std::scoped_lock locking(lock_);
  if (!open_ || !armed_ || !options_.signals.Has(record.signo)) return;
  if (first_.signo == 0) {
    // After a beginning by hand, the first one asks for what happens already.
    if (!begun_) Remember(record);
    first_ = record;
    BeginLocked(Now());
  } else if (Forces(record)) {
    Remember(record);
    Force(kSignalCode + record.signo, "a second signal");
  } else if (record.time_ms - first_.time_ms >= kHandedOnMs && !IsFromItself(record)) {
    SayHowToForce(record);
  }
}

void Guard::SayHowToForce(const SignalRecord& record) {
  if (options_.forced_by_queue.Empty() || std::exchange(said_how_to_force_, true)) return;
  const Time left = deadline_ - Now();
  Say("%s does not force the end, which is due in %lld ms, in %s; to force it: Ctrl-C, or env kill -q 0 -s %s %d",
      SenderText(record).c_str(), ToMilliseconds(left), description(), SignalName(record.signo, SIGRTMIN).c_str(),
      getpid());
}

void Guard::Remember(const SignalRecord& record) {
  const size_t length = begun_ ? strlen(cause_.data()) : 0;
  snprintf(cause_.data() + length, cause_.size() - length, "%s%s", begun_ ? ", then " : "", SenderText(record).c_str());
}

void Guard::OnTime(Time now) {
  const std::scoped_lock locking(lock_);
  // What is on its way out, and late as has been told, is nothing new.
  if (now >= deadline_) Force(kDeadlineCode, told_ && concluded_ ? nullptr : kDeadline);
}

void Guard::Force(int code, const char* why) {
  groups_.Kill();
  if (why != nullptr) WriteLastLine(code, why, HangText(getpid()).c_str());
  options_.reset_streams();
  if (concluded_ && concluded_signal_ != 0) DieOf(concluded_signal_);
  _exit(concluded_ ? concluded_code_ : code);
}

void Guard::WriteLastLine(int code, const char* why, const char* where) const {
  std::array<char, 32> end;
  if (concluded_ && concluded_signal_ != 0) {
    snprintf(end.data(), end.size(), "by %s", SignalName(concluded_signal_, SIGRTMIN).c_str());
  } else {
    snprintf(end.data(), end.size(), "%d", concluded_ ? concluded_code_ : code);
  }
  const Time blocked = std::max<Time>(LoopWork() - work_before_poll_, 0);
  Say("%s: %s after %lld ms, in %s; event loop blocked for %lld ms%s; exit %s", cause_.data(), why,
      ToMilliseconds(Now() - began_at_), description(), ToMilliseconds(blocked), where, end.data());
}

}  // namespace sigkit
