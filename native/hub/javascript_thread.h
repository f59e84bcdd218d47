#ifndef SIGKIT_HUB_JAVASCRIPT_THREAD_H_
#define SIGKIT_HUB_JAVASCRIPT_THREAD_H_

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "hub/loop_marks.h"
#include "posix/clock.h"
#include "posix/code_names.h"
#include "posix/thread_status.h"

namespace sigkit {

class JavaScriptThread;

// The event loop of a thread: the descriptor on which it waits, when its present turn began, and how long it has waited
// in its poll so far. Read from other threads.
struct LoopView {
  int descriptor = -1;
  void* loop = nullptr;
  Time (*turn_began)(const void* loop) = nullptr;
  Time (*idle_time)(const void* loop) = nullptr;
  // Has OnPoll of the thread called before each poll, until the second is called with what the first returns. On the
  // thread itself.
  void* (*open_pulse)(void* loop, JavaScriptThread* thread) = nullptr;
  void (*close_pulse)(void* pulse) = nullptr;
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
  std::vector<NativeFrame> native_frames = {};
};

// What the event loop of a thread does at a moment.
struct LoopLook {
  pid_t tid = 0;
  int id = 0;
  bool is_idle = false;  // waits in its poll
  Time at = 0;
  Time work = 0;  // loop_marks.h
  Time cpu = 0;
  Time collected = 0;
  LoopMarks::Turn turn;
  LoopMarks::LongTurn last_long;

  Time blocked_for() const { return is_idle ? 0 : work - turn.began; }
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
  // False if its loop is not watched yet.
  bool Look(LoopLook* look) const;
  // In its poll, or woken there and without a processor yet.
  bool IsInPoll() const;
  uint64_t turn() const { return is_watched_ ? marks_.turn().number : 0; }

  // Has its loop watched, or not, as JavaScriptThreads wants it: on the thread itself; from another one, as soon as
  // that runs JavaScript.
  void RefreshWatch();
  void RequestRefresh();
  // On the thread itself, before each poll of a watched loop.
  void OnPoll();

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
  void Interrupt();
  Time Work() const { return Now() - loop_.idle_time(loop_.loop); }
  void OpenPulse();
  void ClosePulse();

  void* const isolate_;
  const pid_t tid_;
  clockid_t cpu_clock_ = CLOCK_THREAD_CPUTIME_ID;
  const intptr_t entered_at_;  // on its stack
  const LoopView loop_;
  uint32_t* const news_;
  LoopMarks marks_;
  void* pulse_ = nullptr;  // the thread's own
  std::atomic<bool> is_watched_ = false;
  std::mutex lock_;
  uint64_t wanted_ = 0;
  uint64_t answered_ = 0;
  bool queued_ = false;  // V8 will call
  bool left_ = false;
  std::string text_;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_JAVASCRIPT_THREAD_H_
