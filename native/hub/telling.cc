#include <vector>

#include "hub/hub.h"

namespace sigkit {
namespace {

void AddSet(std::vector<double>* numbers, SignalSet set) {
  constexpr uint64_t kLow = 0xffffffff;
  numbers->push_back(static_cast<double>(set.bits() & kLow));
  numbers->push_back(static_cast<double>(set.bits() >> 32U));
}

}  // namespace

std::vector<double> Hub::Tell() {
  const std::scoped_lock configuring(configuration_);
  const Time deadline = guard_.deadline();
  std::vector<double> numbers = {static_cast<double>(guard_.is_open()),
                                 deadline == kNever ? -1 : static_cast<double>(ToMilliseconds(deadline - Now())),
                                 static_cast<double>(watchdog_.is_open()), static_cast<double>(diagnostics_.refused())};
  const std::scoped_lock delivering(delivery_);
  numbers.push_back(static_cast<double>(subscriptions_.size()));
  for (const auto& [id, subscription] : subscriptions_) {
    AddSet(&numbers, subscription->signals());
    numbers.push_back(static_cast<double>(subscription->queued()));
    numbers.push_back(static_cast<double>(subscription->dropped()));
    numbers.push_back(subscription->session() == nullptr ? 0 : subscription->session()->thread);
    numbers.push_back(static_cast<double>(subscription->exclusive()));
  }
  for (const auto& [id, signals] : sections_) AddSet(&numbers, signals);
  return numbers;
}

}  // namespace sigkit
