#ifndef SIGKIT_HUB_WATCHDOG_H_
#define SIGKIT_HUB_WATCHDOG_H_

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "posix/clock.h"
#include "posix/notify_socket.h"

namespace sigkit {

// Tells a service manager that the event loop is alive (sd_notify(3), WATCHDOG=1). Each ping is preceded by a question
// to the loop and sent by the waiter when the loop has answered it: an idle loop answers, a hung one does not.
class Watchdog {
 public:
  struct Options {
    std::shared_ptr<NotifySocket> socket;
    Time interval = 0;            // between two questions
    Time trigger_after = kNever;  // unanswered for so long: WATCHDOG=trigger, once
    std::function<void()> ask;
    pid_t thread = 0;  // whose loop it is
  };

  void Open(Options options);
  void Close();
  bool is_open() const { return next_time_ != kNever; }
  // On the loop's thread; the waiter is to be rung after it.
  void Answer();

  // On the waiter thread.
  Time next_time() const { return next_time_; }
  void OnTime(Time now);

 private:
  void Trigger(const Options& options, Time now);

  std::mutex lock_;
  std::atomic<Time> next_time_ = kNever;
  std::optional<Options> options_;
  bool answered_ = false;
  bool triggered_ = false;
  bool said_ = false;
  Time asked_at_ = 0;
  Time next_question_ = 0;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_WATCHDOG_H_
