#ifndef SIGKIT_HUB_HANG_TEXT_H_
#define SIGKIT_HUB_HANG_TEXT_H_

#include <sys/types.h>

#include <array>

#include "hub/javascript_thread.h"

namespace sigkit {

// Where a thread hangs, for the end of a sentence: `, at inner (file:3:5) < outer (file:9:1)`, `, in the system
// call flock`, or nothing if its event loop does not hang or that cannot be known within some milliseconds. Allocates
// nothing, and waits for no lock.
class HangText {
 public:
  explicit HangText(pid_t tid);
  // Of one that is known already.
  explicit HangText(const ThreadStack& stack) { Append(stack.activity, stack.frames.c_str(), stack.call); }
  const char* c_str() const { return text_.data(); }

 private:
  void Append(ThreadActivity activity, const char* frames, long call);
  void AppendFrames(const char* frames);

  std::array<char, 512> text_ = {};
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_HANG_TEXT_H_
