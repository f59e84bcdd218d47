#ifndef SIGKIT_HUB_JAVASCRIPT_THREADS_H_
#define SIGKIT_HUB_JAVASCRIPT_THREADS_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

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

// The threads of this process that run JavaScript and have loaded the addon. Any of them asks the others for their
// stacks; V8 answers where it looks for interrupts, in every loop and call of JavaScript, so also in one that never
// ends.
class JavaScriptThreads {
 public:
  static JavaScriptThreads& Get();

  // These are called on the thread itself. False of a thread that has entered already.
  bool Enter(const LoopView& loop);
  void Leave();
  void Name(int id, std::string name);
  // Waits no longer than `patience`. Meanwhile the calling thread answers who asks it.
  std::vector<ThreadStack> Capture(Time patience);

  // Of one alone: its frames as far as there is room, with a null character; what it does, and its system
  // call. For a thread that must wait for nobody: kUnreachable also if a lock is taken. Allocates nothing.
  ThreadActivity CaptureOne(pid_t tid, Time patience, char* frames, size_t room, long* call);

 private:
  class Thread;
  struct Request;
  struct OwnKey;

  static std::shared_ptr<Thread> Own();
  static bool SetOwn(std::shared_ptr<Thread> thread);
  std::vector<Request> AskAll();
  void Await(std::vector<Request>* requests, Time deadline);

  std::mutex lock_;
  std::vector<std::shared_ptr<Thread>> threads_;
  // Futex word: somebody has asked, or answered.
  uint32_t news_ = 0;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_JAVASCRIPT_THREADS_H_
