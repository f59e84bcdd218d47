// Errors on purpose. The sanitizer runs compile this into the addon and name one in SIGKIT_PLANTED, to see that a
// report about sigkit is found when there is one.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <vector>

namespace sigkit {
namespace {

void Overflow() {
  std::vector<int> numbers(4);
  std::fill_n(numbers.begin(), 5, 1);
}

void Leak() {
  volatile auto* lost = new std::vector<int>(100);
  lost = nullptr;
}

void Undefined() {
  volatile int distance = 40;
  volatile int shifted = 1 << distance;
  static_cast<void>(shifted);
}

void Race() {
  std::vector<int> shared(3);
  // Both run at once, or the detector may have forgotten the first by the time of the second. Relaxed, so as to order
  // nothing.
  std::atomic<int> running = 0;
  const auto fill = [&shared, &running] {
    running.fetch_add(1, std::memory_order_relaxed);
    while (running.load(std::memory_order_relaxed) < 2) std::this_thread::yield();
    for (int i = 0; i < 100'000; ++i) std::fill(shared.begin(), shared.end(), i);
  };
  std::thread first(fill);
  std::thread second(fill);
  first.join();
  second.join();
}

__attribute__((constructor)) void Plant() {
  const char* named = getenv("SIGKIT_PLANTED");
  if (named == nullptr) return;
  const std::string_view kind = named;
  if (kind == "overflow") Overflow();
  if (kind == "leak") Leak();
  if (kind == "undefined") Undefined();
  if (kind == "race") Race();
}

}  // namespace
}  // namespace sigkit
