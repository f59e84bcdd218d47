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
#include "posix/syscall_names.h"

namespace sigkit {
namespace {

constexpr Time kPatience = kSecond / 10;
// For a reader of stderr that is slow.
constexpr Time kWriting = 2 * kSecond;
// Who closes does not wait for a reader.
constexpr Time kLook = kSecond / 20;
constexpr size_t kFrames = 100;

std::string NameOf(const ThreadStack& stack) { return stack.id == 0 ? "main" : stack.name; }

std::string WhatItDoes(const ThreadStack& stack) {
  switch (stack.activity) {
    case ThreadActivity::kRunning:
      return "runs JavaScript";
    case ThreadActivity::kIdle:
      return "idle: its event loop waits";
    case ThreadActivity::kNative:
      break;
    case ThreadActivity::kUnreachable:
      return "this runtime tells no stacks";
  }
  if (stack.call < 0) return "in native code";
  const char* const name = SyscallName(stack.call);
  return "in native code, in the system call " + (name == nullptr ? std::to_string(stack.call) : std::string(name));
}

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
  SayLine("%s (thread %d, tid %d) %s; event loop blocked for %lld ms", NameOf(stack).c_str(), stack.id, stack.tid,
          WhatItDoes(stack).c_str(), ToMilliseconds(stack.blocked_for));
  size_t start = 0;
  size_t count = 0;
  for (size_t end; (end = stack.frames.find('\n', start)) != std::string::npos; start = end + 1) {
    if (++count <= kFrames) SayLine("    at %s", stack.frames.substr(start, end - start).c_str());
  }
  if (count > kFrames) SayLine("    and %zu more", count - kFrames);
  for (const NativeFrame& frame : stack.native_frames)
    SayLine("    in %s (%s+0x%zx)", frame.function.empty() ? "?" : frame.function.c_str(), frame.file.c_str(),
            frame.offset);
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
