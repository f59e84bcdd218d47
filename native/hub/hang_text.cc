#include "hub/hang_text.h"

#include <cstdio>
#include <cstring>

#include "hub/javascript_threads.h"
#include "posix/syscall_names.h"

namespace sigkit {
namespace {

constexpr Time kPatience = 20 * kMillisecond;
// More is for captureStacks: this is a line.
constexpr int kFrames = 4;

}  // namespace

HangText::HangText(pid_t tid) {
  std::array<char, 1024> frames = {};
  long call = kNoCall;
  const ThreadActivity activity =
      JavaScriptThreads::Get().CaptureOne(tid, kPatience, frames.data(), frames.size(), &call);
  Append(activity, frames.data(), call);
}

void HangText::Append(ThreadActivity activity, const char* frames, long call) {
  switch (activity) {
    case ThreadActivity::kRunning:
      AppendFrames(frames);
      break;
    case ThreadActivity::kNative:
      if (const char* const name = SyscallName(call); name != nullptr)
        snprintf(text_.data(), text_.size(), ", in the system call %s", name);
      break;
    case ThreadActivity::kIdle:
    case ThreadActivity::kUnreachable:
      break;
  }
}

// Whole frames, as many as there is room for.
void HangText::AppendFrames(const char* frames) {
  size_t length = 0;
  for (int count = 0; count < kFrames; ++count) {
    const char* const end = strchr(frames, '\n');
    if (end == nullptr) return;
    const char* const before = count == 0 ? ", at " : " < ";
    const size_t wanted = strlen(before) + static_cast<size_t>(end - frames);
    if (length + wanted >= text_.size()) return;
    snprintf(text_.data() + length, text_.size() - length, "%s%.*s", before, static_cast<int>(end - frames), frames);
    length += wanted;
    frames = end + 1;
  }
}

}  // namespace sigkit
