#include "hub/stack_text.h"

#include "hub/format.h"
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

}  // namespace

std::string HeadOf(const ThreadStack& stack) {
  return Format("%s (thread %d, tid %d) %s; event loop blocked for %lld ms",
                stack.id == 0 ? "main" : stack.name.c_str(), stack.id, stack.tid, WhatItDoes(stack).c_str(),
                ToMilliseconds(stack.blocked_for));
}

std::vector<std::string> FrameLines(const ThreadStack& stack) {
  std::vector<std::string> lines;
  size_t start = 0;
  size_t count = 0;
  for (size_t end; (end = stack.frames.find('\n', start)) != std::string::npos; start = end + 1) {
    if (++count <= kFrames)
      lines.push_back(Format("at %.*s", static_cast<int>(end - start), stack.frames.c_str() + start));
  }
  if (count > kFrames) lines.push_back(Format("and %zu more", count - kFrames));
  for (const NativeFrame& frame : stack.native_frames)
    lines.push_back(Format("in %s (%s+0x%zx)", frame.function.empty() ? "?" : frame.function.c_str(),
                           frame.file.c_str(), frame.offset));
  return lines;
}

}  // namespace sigkit
