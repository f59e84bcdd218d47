#ifndef SIGKIT_HUB_JAVASCRIPT_THREAD_H_
#define SIGKIT_HUB_JAVASCRIPT_THREAD_H_

#include <sys/types.h>

#include <cstdint>
#include <mutex>
#include <string>

#include "posix/clock.h"
#include "posix/thread_status.h"

namespace sigkit {

// The event loop of a thread: the descriptor on which it waits, and when its present turn began. Read from other
// threads.
struct LoopView {
  int descriptor = -1;
  const void* loop = nullptr;
  Time (*turn_began)(const void* loop) = nullptr;
};

enum class ThreadActivity {
  kRunning = 0,      // JavaScript, whose frames these are
  kIdle = 1,         // its event loop waits
  kNative = 2,       // in native code, which has not looked whether somebody asks
  kUnreachable = 3,  // the runtime has no way to ask
};

struct ThreadStack {
  int id = 0;
  pid_t tid = 0;
  std::string name;
  ThreadActivity activity = ThreadActivity::kUnreachable;
  Time blocked_for = 0;
  // A line for each frame: v8_functions.h.
  std::string frames;
  // Of what has not answered: thread_status.h.
  long call = kNoCall;
  KernelPlace place;
};

// A thread that runs JavaScript, and can be asked for its stack. V8 keeps a pointer to it until it has called, or the
// isolate is gone: so it lives as long as the thread, at least.
class JavaScriptThread {
 public:
  // On the thread itself. `news` is a futex word, for who waits for answers.
  JavaScriptThread(const LoopView& loop, uint32_t* news);

  // These two under the lock of the list, while the isolate and the loop are still there. Ask returns what an answer
  // must have reached.
  ThreadStack Describe() const;
  uint64_t Ask();
  // Whether it is idle by now: then it answers when something happens, and not before.
  bool RefreshActivity(ThreadStack* stack) const;

  // Its environment ends, and nobody asks it any more.
  void Leave();
  bool HasLeft();

  bool CanAnswer() const;
  bool IsAsked();
  // These two on the thread itself.
  std::string OwnFrames() const;
  void Answer();

  // False if it has not answered that. The second gives no more of it than there is room for, and allocates nothing.
  bool TakeAnswer(uint64_t request, std::string* text);
  bool CopyAnswer(uint64_t request, char* text, size_t room);
  // It has, or has left.
  bool IsDone(uint64_t request);

  pid_t tid() const { return tid_; }

  // Under the lock of the list.
  int id = 0;
  std::string name;

 private:
  static void OnInterrupt(void* isolate, void* self);

  void* const isolate_;
  const pid_t tid_;
  const intptr_t entered_at_;  // on its stack
  const LoopView loop_;
  uint32_t* const news_;
  std::mutex lock_;
  uint64_t wanted_ = 0;
  uint64_t answered_ = 0;
  bool queued_ = false;  // V8 will call
  bool left_ = false;
  std::string text_;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_JAVASCRIPT_THREAD_H_
