#ifndef SIGKIT_HUB_STACK_PRINTER_H_
#define SIGKIT_HUB_STACK_PRINTER_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "hub/diagnostic_request.h"
#include "hub/javascript_threads.h"
#include "posix/clock.h"

namespace sigkit {

// The stacks of all threads of JavaScript as lines, to stderr or into a text. For a thread that may wait for answers.
class StackPrinter {
 public:
  // Once that is true, nobody is waited for.
  explicit StackPrinter(const std::atomic<bool>* stopping) : stopping_(*stopping) {}

  void Print(const DiagnosticRequest& request);
  std::string Text(const DiagnosticRequest& request);

 private:
  void SayStacks(const DiagnosticRequest& request);
  void SayLines(const ThreadStack& stack);
  // Once nobody has read for too long, what remains is told by its number.
  __attribute__((format(printf, 2, 3))) void SayLine(const char* format, ...);

  const std::atomic<bool>& stopping_;
  std::string* text_ = nullptr;
  Time give_up_ = 0;
  uint32_t lost_ = 0;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_STACK_PRINTER_H_
