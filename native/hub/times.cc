#include <algorithm>
#include <cerrno>
#include <utility>

#include "hub/hub.h"

namespace sigkit {

Time Hub::NextTime() { return std::min({guard_.deadline(), watchdog_.next_time(), early_.deadline()}); }

void Hub::OnTime(Time now) {
  guard_.OnTime(now);
  watchdog_.OnTime(now);
  OnEarlyTime(now);
}

int Hub::OpenGuard(const Guard::Options& options, ClaimStep* step) {
  const std::scoped_lock configuring(configuration_);
  if (guard_.is_open()) return -EBUSY;
  const int error = StartWaiter(step);
  if (error == 0) guard_.Open(options);
  return error;
}

void Hub::CloseGuard() {
  const std::scoped_lock configuring(configuration_);
  guard_.Close();
  StopIfIdle();
}

int Hub::OpenWatchdog(Watchdog::Options options, ClaimStep* step) {
  const std::scoped_lock configuring(configuration_);
  if (watchdog_.is_open()) return -EBUSY;
  const int error = StartWaiter(step);
  if (error < 0) return error;
  watchdog_.Open(std::move(options));
  waiter_.Settle();
  return 0;
}

void Hub::CloseWatchdog() {
  const std::scoped_lock configuring(configuration_);
  watchdog_.Close();
  StopIfIdle();
}

void Hub::AnswerWatchdog() {
  watchdog_.Answer();
  waiter_.Ring();
}

int Hub::OpenDiagnostics(Diagnostics::Options&& options) {
  const std::scoped_lock configuring(configuration_);
  return diagnostics_.is_open() ? -EBUSY : diagnostics_.Open(std::move(options));
}

void Hub::CloseDiagnostics() {
  const std::scoped_lock configuring(configuration_);
  diagnostics_.Close();
}

void Hub::BeginGuard() {
  guard_.Begin();
  // Not by a ring alone: the deadline must be known to the waiter when this returns.
  waiter_.Settle();
}

}  // namespace sigkit
