#ifndef SIGKIT_HUB_WAITER_H_
#define SIGKIT_HUB_WAITER_H_

#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <cstdint>

#include "posix/clock.h"
#include "posix/signal_set.h"

namespace sigkit {

// What the waiter thread works for. All are called on the waiter thread.
class SignalSink {
 public:
  virtual ~SignalSink() = default;
  virtual SignalSet WaitSet() = 0;
  virtual void Deliver(const siginfo_t& info) = 0;
  // Takes and delivers what handlers have caught.
  virtual void TakeCaught() = 0;
  // Takes and delivers some of what is pending, without waiting; how many.
  virtual size_t TakePending() = 0;
  // When it is to be called for something else than a signal, and that call.
  virtual Time NextTime() = 0;
  virtual void OnTime(Time now) = 0;
};

// The thread that sleeps in sigwaitinfo(2), without a time-out unless something is to be done at a time. It is woken by
// a signal of its own, the doorbell: directed at a thread, it is dequeued before all that is sent to the process
// (signal(7)), so no storm starves it; a standard one, it is never refused because the user's signal queue is full; and
// a fault, it is claimed by nobody. It can be lost: whoever ignores the signal for a moment flushes it (sigaction(2)).
// So nobody waits for one ring alone.
class Waiter {
 public:
  explicit Waiter(SignalSink* sink) : sink_(sink) {}

  int Start();
  // Ends and joins the thread.
  void Stop();
  bool running() const { return running_; }
  pid_t tid() const { return __atomic_load_n(&tid_, __ATOMIC_ACQUIRE); }

  // Makes it look at the wait-set again. Async-signal-safe.
  void Ring();
  // The same, whether or not it has been rung already.
  void RingAnew();
  // These two return at once when the thread does not run or ends meanwhile, and may be called while it starts or
  // stops. Returns when the present wait-set is in effect.
  void Settle();
  // Returns when all that was pending at the call has been delivered.
  void Drain();

 private:
  static void* Run(void* self);
  void Loop();
  void LookAgain();
  void Answer(const siginfo_t& info);
  void Wait();
  void DrainPending();
  void KeepTime();
  uint32_t Request();
  void Await(const uint32_t* reached, uint32_t request);

  SignalSink* const sink_;
  pthread_t thread_ = {};
  std::atomic<bool> running_ = false;
  pid_t tid_ = 0;
  std::atomic<bool> stopping_ = false;
  // When it was rung and has not answered, or 0. Plain words: not all operations of others are inlined into a handler.
  int64_t rung_at_ = 0;
  std::atomic<uint32_t> requested_ = 0;
  // Futex words; the last request that is in effect, and the last after which nothing was left pending.
  uint32_t settled_ = 0;
  uint32_t drained_ = 0;
  uint32_t ended_ = 0;
  // The waiter's own.
  SignalSet set_;
  uint32_t looked_at_ = 0;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_WAITER_H_
