#ifndef SIGKIT_HUB_JAVASCRIPT_THREADS_H_
#define SIGKIT_HUB_JAVASCRIPT_THREADS_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "hub/javascript_thread.h"

namespace sigkit {

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
  // Waits no longer than `patience`, nor much longer than until `given_up`. Meanwhile the calling thread answers who
  // asks it.
  using Condition = std::function<bool()>;
  // Of one thread, if `only` is not 0.
  std::vector<ThreadStack> Capture(Time patience, const Condition& given_up, pid_t only = 0);

  // Has the loops of all watched, also of those that come later. On any of the threads.
  void WatchLoops(bool on);
  bool are_watched() const { return watched_.load(std::memory_order_relaxed); }
  void LookAtLoops(std::vector<LoopLook>* looks);
  bool IsInPoll(pid_t tid);
  // Leaves it as it is if there is no such thread.
  void FindName(pid_t tid, std::string* name);
  // 0 if it is not watched, or gone.
  uint64_t TurnOf(pid_t tid);

  // Of one alone: its frames as far as there is room, with a null character; what it does, and its system
  // call. For a thread that must wait for nobody: kUnreachable also if a lock is taken. Allocates nothing.
  ThreadActivity CaptureOne(pid_t tid, Time patience, char* frames, size_t room, long* call);

 private:
  using Shared = std::shared_ptr<JavaScriptThread>;
  struct Request;

  // Null: there is none. Under the lock.
  Shared Find(pid_t tid) const;
  std::vector<Request> Ask(pid_t only);
  void Await(std::vector<Request>* requests, Time deadline, const Condition& given_up);

  std::mutex lock_;
  std::vector<Shared> threads_;
  std::atomic<bool> watched_ = false;
  // Futex word: somebody has asked, or answered.
  uint32_t news_ = 0;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_JAVASCRIPT_THREADS_H_
