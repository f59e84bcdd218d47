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
  begun_ = ended_ = false;
  deadline_ = kNever;
  first_ = SignalRecord{};
  snprintf(cause_.data(), cause_.size(), "shutdown by hand");
  description_[0] = '\0';
  group_count_ = 0;
  LoopPolls();
  open_ = true;
}

void Guard::Close() {
  const std::scoped_lock locking(lock_);
  open_ = false;
  deadline_ = kNever;
}

void Guard::BeginLocked(Time now) {
  if (!open_ || begun_ || ended_) return;
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
  if (deadline_ != kNever) deadline_ += by;
}

void Guard::End() {
  const std::scoped_lock locking(lock_);
  ended_ = true;
  deadline_ = kNever;
}

void Guard::Describe(std::string_view text) {
  const std::scoped_lock locking(lock_);
  const size_t length = std::min(text.size(), description_.size() - 1);
  memcpy(description_.data(), text.data(), length);
  description_[length] = '\0';
}

bool Guard::AddGroup(pid_t pgid) {
  const std::scoped_lock locking(lock_);
  if (group_count_ == groups_.size()) return false;
  groups_[group_count_++] = pgid;
  return true;
}

void Guard::RemoveGroup(pid_t pgid) {
  const std::scoped_lock locking(lock_);
  const auto end = groups_.begin() + group_count_;
  group_count_ = static_cast<size_t>(std::remove(groups_.begin(), end, pgid) - groups_.begin());
}

// A signal to a whole group, such as Ctrl-C, reaches a program by itself, and from a parent that hands on what it got
// (npm): in either order.
bool Guard::IsHandedOn(const SignalRecord& record) const {
  const pid_t parent = getppid();
  const bool one_from_parent = parent != 0 && (record.pid == parent) != (first_.pid == parent);
  return one_from_parent && record.signo == first_.signo && record.time_ms - first_.time_ms < 1000;
}

void Guard::OnSignal(const SignalRecord& record) {
  const std::scoped_lock locking(lock_);
  if (!open_ || ended_ || !options_.signals.Has(record.signo)) return;
  if (first_.signo == 0) {
    // After a beginning by hand, the first one asks for what happens already.
    if (!begun_) Remember(record);
    first_ = record;
    BeginLocked(Now());
  } else if (options_.force_on_second && !IsHandedOn(record)) {
    Force(kSignalCode + record.signo, "a second signal");
  }
}

void Guard::Remember(const SignalRecord& first) {
  const SignalName name(first.signo);
  if (first.pid != 0) {
    snprintf(cause_.data(), cause_.size(), "%s from pid %d (uid %u)", name.c_str(), first.pid, first.uid);
  } else {
    snprintf(cause_.data(), cause_.size(), "%s from %s", name.c_str(),
             first.code == SI_KERNEL ? "the kernel" : "outside");
  }
}

void Guard::OnTime(Time now) {
  const std::scoped_lock locking(lock_);
  if (now >= deadline_) Force(kDeadlineCode, "the deadline");
}

void Guard::Force(int code, const char* why) {
  WriteLastLine(code, why);
  for (size_t index = 0; index < group_count_; ++index) kill(-groups_[index], SIGKILL);
  _exit(code);
}

void Guard::WriteLastLine(int code, const char* why) const {
  const auto milliseconds = [](Time time) { return static_cast<long long>(time / kMillisecond); };
  Say("%s: %s after %lld ms, in %s; event loop blocked for %lld ms; exit %d", cause_.data(), why,
      milliseconds(Now() - began_at_), description_[0] == '\0' ? "running" : description_.data(),
      milliseconds(LoopWork() - work_before_poll_), code);
}

}  // namespace sigkit
