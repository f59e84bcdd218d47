#include "hub/stack_text.h"

#include <array>
#include <cstdio>

#include "posix/syscall_names.h"

namespace sigkit {
namespace {

constexpr size_t kFrames = 100;

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

std::string InHex(size_t number) {
  std::array<char, 24> text;
  snprintf(text.data(), text.size(), "0x%zx", number);
  return text.data();
}

}  // namespace

std::string HeadOf(const ThreadStack& stack) {
  return (stack.id == 0 ? "main" : stack.name) + " (thread " + std::to_string(stack.id) + ", tid " +
         std::to_string(stack.tid) + ") " + WhatItDoes(stack) + "; event loop blocked for " +
         std::to_string(ToMilliseconds(stack.blocked_for)) + " ms";
}

std::vector<std::string> FrameLines(const ThreadStack& stack) {
  std::vector<std::string> lines;
  size_t start = 0;
  size_t count = 0;
  for (size_t end; (end = stack.frames.find('\n', start)) != std::string::npos; start = end + 1) {
    if (++count <= kFrames) lines.push_back("at " + stack.frames.substr(start, end - start));
  }
  if (count > kFrames) lines.push_back("and " + std::to_string(count - kFrames) + " more");
  for (const NativeFrame& frame : stack.native_frames)
    lines.push_back("in " + (frame.function.empty() ? "?" : frame.function) + " (" + frame.file + '+' +
                    InHex(frame.offset) + ')');
  return lines;
}

}  // namespace sigkit
