#ifndef SIGKIT_HUB_STACK_PRINTER_H_
#define SIGKIT_HUB_STACK_PRINTER_H_

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <mutex>

#include "hub/javascript_threads.h"
#include "posix/clock.h"
#include "posix/signal_record.h"
#include "posix/signal_set.h"

namespace sigkit {

// Prints the stacks of all threads of JavaScript to stderr when one of its signals comes, in a thread of its own, as
// the waiter must not wait for their answers. Callers hold a lock of their own but for OnSignal.
class StackPrinter {
 public:
  // Returns 0 or a negative errno. From one print to the next there is at least that time.
  int Open(SignalSet signals, Time interval);
  // Ends and joins the thread; what has been asked for is printed before.
  void Close();
  bool is_open() const { return open_; }

  // On whatever thread has taken the signal. Signals that come while it prints, or waits, become one.
  void OnSignal(const SignalRecord& record);

 private:
  static void* Run(void* self);
  void Loop();
  void Print(const SignalRecord& record, uint32_t merged);
  void SayLines(const ThreadStack& stack);
  // Once nobody has read for too long, what remains is told by its number.
  __attribute__((format(printf, 2, 3))) void SayLine(const char* format, ...);

  std::atomic<bool> open_ = false;
  pthread_t thread_ = {};
  SignalSet signals_;
  Time interval_ = 0;

  std::mutex lock_;
  SignalRecord asked_by_ = {};
  uint32_t asked_ = 0;
  std::atomic<bool> stopping_ = false;
  // Futex word.
  uint32_t news_ = 0;

  // The thread's own.
  Time give_up_ = 0;
  uint32_t lost_ = 0;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_STACK_PRINTER_H_
