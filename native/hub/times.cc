#include <algorithm>
#include <cerrno>

#include "hub/hub.h"

namespace sigkit {

Time Hub::NextTime() { return guard_.deadline(); }

void Hub::OnTime(Time now) { guard_.OnTime(now); }

int Hub::OpenGuard(const Guard::Options& options) {
  const std::scoped_lock configuring(configuration_);
  if (guard_.is_open()) return -EBUSY;
  const int error = StartWaiter();
  if (error == 0) guard_.Open(options);
  return error;
}

void Hub::CloseGuard() {
  const std::scoped_lock configuring(configuration_);
  guard_.Close();
  StopIfIdle();
}

void Hub::BeginGuard() {
  guard_.Begin();
  waiter_.Ring();
}

}  // namespace sigkit
