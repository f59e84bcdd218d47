#include "hub/stack_printer.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <string>
#include <vector>

#include "hub/say.h"
#include "hub/sender_text.h"
#include "hub/stack_text.h"

namespace sigkit {
namespace {

constexpr Time kPatience = kSecond / 10;
// For a reader of stderr that is slow.
constexpr Time kWriting = 2 * kSecond;
// Who closes does not wait for a reader.
constexpr Time kLook = kSecond / 20;

}  // namespace

void StackPrinter::Print(const DiagnosticRequest& request) {
  text_ = nullptr;
  SayStacks(request);
}

std::string StackPrinter::Text(const DiagnosticRequest& request) {
  std::string text;
  text_ = &text;
  SayStacks(request);
  return text;
}

void StackPrinter::SayStacks(const DiagnosticRequest& request) {
  const std::vector<ThreadStack> stacks = JavaScriptThreads::Get().Capture(kPatience, [] { return false; });
  give_up_ = Now() + kWriting;
  lost_ = 0;
  SayLine("%s: stacks of %zu threads, pid %d%s", SenderText(request.record).c_str(), stacks.size(), getpid(),
          request.merged > 0 ? " (asked more than once)" : "");
  for (const ThreadStack& stack : stacks) SayLines(stack);
  if (lost_ == 0) {
    SayLine("end of stacks");
  } else {
    SayLine("end of stacks; stderr took no more, and lines are missing: %u", lost_);
  }
}

void StackPrinter::SayLines(const ThreadStack& stack) {
  SayLine("%s", HeadOf(stack).c_str());
  for (const std::string& line : FrameLines(stack)) SayLine("    %s", line.c_str());
}

// NOLINTNEXTLINE(cert-dcl50-cpp): the formats are checked
void StackPrinter::SayLine(const char* format, ...) {
  std::array<char, 1024> line;
  va_list values;
  va_start(values, format);
  vsnprintf(line.data(), line.size(), format, values);
  va_end(values);
  if (text_ != nullptr) {
    *text_ += line.data();
    *text_ += '\n';
    return;
  }
  while (!Say("%s", line.data())) {
    const Time rest = stopping_ ? 0 : std::min(give_up_ - Now(), kLook);
    pollfd ready = {STDERR_FILENO, POLLOUT, 0};
    if (rest <= 0) {
      ++lost_;
      return;
    }
    poll(&ready, 1, static_cast<int>(ToMilliseconds(rest)) + 1);
  }
}

}  // namespace sigkit
