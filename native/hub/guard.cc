#include "hub/guard.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "posix/clock.h"
#include "posix/report.h"
#include "posix/signal_names.h"

namespace sigkit {
namespace {

constexpr int kDeadlineCode = 124;  // as timeout(1)
constexpr int kSignalCode = 128;    // as a shell
constexpr Time kMillisecond = 1'000'000;
constexpr double kHandedOnMs = 1000;

// NOLINTNEXTLINE(cert-dcl50-cpp): the formats are checked
__attribute__((format(printf, 1, 2))) void Say(const char* format, ...) {
  va_list values;
  va_start(values, format);
  ReportAs("sigkit: ", format, values);
  va_end(values);
}

}  // namespace

void Guard::Open(const Options& options) {
  const std::scoped_lock locking(lock_);
  options_ = options;
  armed_ = begun_ = false;
  deadline_ = kNever;
  first_ = SignalRecord{};
  from_parent_ = from_others_ = 0;
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

int Guard::AddGroup(const HeldGroup& group) {
  const std::scoped_lock locking(lock_);
  return groups_.Add(group);
}

void Guard::RemoveGroup(pid_t pgid) {
  const std::scoped_lock locking(lock_);
  groups_.Remove(pgid);
}

// A signal to a whole group, such as Ctrl-C, reaches a program by itself, and from a parent that hands on what it got
// (npm): in either order, and from one npm in another more than once. Who presses Ctrl-C again is not the parent.
bool Guard::IsHandedOn(const SignalRecord& record) {
  if (record.signo != first_.signo || record.time_ms - first_.time_ms >= kHandedOnMs) return false;
  CountSender(record);
  return from_others_ == 1 && from_parent_ > 0;
}

void Guard::CountSender(const SignalRecord& record) {
  const pid_t parent = getppid();
  ++(parent != 0 && record.pid == parent ? from_parent_ : from_others_);
}

void Guard::OnSignal(const SignalRecord& record) {
  const std::scoped_lock locking(lock_);
  if (!open_ || !armed_ || !options_.signals.Has(record.signo)) return;
  if (first_.signo == 0) {
    // After a beginning by hand, the first one asks for what happens already.
    if (!begun_) Remember(record);
    first_ = record;
    CountSender(record);
    BeginLocked(Now());
  } else if (options_.force_on_second && !IsHandedOn(record)) {
    Remember(record);
    Force(kSignalCode + record.signo, "a second signal");
  }
}

void Guard::Remember(const SignalRecord& record) {
  const size_t length = begun_ ? strlen(cause_.data()) : 0;
  const char* const then = begun_ ? ", then " : "";
  char* const text = cause_.data() + length;
  const size_t room = cause_.size() - length;
  const SignalName name(record.signo);
  if (record.pid != 0) {
    snprintf(text, room, "%s%s from pid %d (uid %u)", then, name.c_str(), record.pid, record.uid);
  } else {
    snprintf(text, room, "%s%s from %s", then, name.c_str(), record.code == SI_KERNEL ? "the kernel" : "outside");
  }
}

void Guard::OnTime(Time now) {
  const std::scoped_lock locking(lock_);
  if (now >= deadline_) Force(kDeadlineCode, "the deadline");
}

void Guard::Force(int code, const char* why) {
  groups_.Kill();
  WriteLastLine(code, why);
  options_.reset_terminal();
  _exit(code);
}

void Guard::WriteLastLine(int code, const char* why) const {
  const auto milliseconds = [](Time time) { return static_cast<long long>(time / kMillisecond); };
  Say("%s: %s after %lld ms, in %s; event loop blocked for %lld ms; exit %d", cause_.data(), why,
      milliseconds(Now() - began_at_), description_[0] == '\0' ? "running" : description_.data(),
      milliseconds(std::max<Time>(LoopWork() - work_before_poll_, 0)), code);
}

}  // namespace sigkit
