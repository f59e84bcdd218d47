#ifndef SIGKIT_HUB_GUARD_H_
#define SIGKIT_HUB_GUARD_H_

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>

#include "hub/guarded_groups.h"
#include "posix/clock.h"
#include "posix/signal_record.h"
#include "posix/signal_set.h"

namespace sigkit {

// What keeps the promises of a shutdown when JavaScript cannot: the waiter ends the process when the time is over, or
// when a second signal asks for it. It allocates nothing on that way, as another thread may have been stopped inside
// malloc.
class Guard {
 public:
  struct Options {
    SignalSet signals;  // the first of them begins
    Time budget = 0;
    // Which of them end the process at once when they come after the first, by who sends them: lib/shutdown has the
    // rule.
    SignalSet forced_by_kernel;
    SignalSet forced_by_queue;
    SignalSet forced_by_others;
    // How long the event loop of the main thread has waited in its poll so far, the present wait included.
    std::function<Time()> loop_idle_time = [] { return Time{0}; };
    // What an exit of Node does, too. Must not wait.
    void (*reset_streams)() = [] {};
  };

  void Open(const Options& options);
  void Close();
  bool is_open() const { return open_; }

  // Without it there is no deadline, and no signal begins or ends anything.
  void Arm();
  // By hand, without a signal. Beginning twice does nothing.
  void Begin();
  void Extend(Time by);
  // What was going on, for the last line.
  void Describe(std::string_view text);
  // Writes the line of the deadline, and ends nothing: JavaScript has one of its own, which comes earlier.
  void TellDeadline();
  // How the process ends from now on, by a signal or if that is 0 with a code: what is done is done, whatever comes
  // later.
  void Conclude(int code, int signo);
  // Returns 0 or a negative errno, -ENOSPC if there is no room.
  int AddGroup(const HeldGroup& group);
  void RemoveGroup(pid_t pgid);

  // The event loop of the main thread has done all that was to be done, and polls.
  void LoopPolls() { work_before_poll_ = LoopWork(); }

  // On the waiter thread.
  Time deadline() const { return deadline_; }
  void OnSignal(const SignalRecord& record);
  void OnTime(Time now);

 private:
  // A clock that stands still while the loop polls.
  Time LoopWork() const { return Now() - options_.loop_idle_time(); }
  void BeginLocked(Time now);
  bool Forces(const SignalRecord& record) const;
  // Somebody may wait for it to end the process.
  void SayHowToForce(const SignalRecord& record);
  // As has been concluded, or if nothing has been with the code. Without a reason it says nothing.
  [[noreturn]] void Force(int code, const char* why);
  // For the last line.
  void Remember(const SignalRecord& record);
  void WriteLastLine(int code, const char* why, const char* where) const;
  const char* description() const { return description_[0] == '\0' ? "running" : description_.data(); }

  std::mutex lock_;
  std::atomic<bool> open_ = false;
  std::atomic<Time> deadline_ = kNever;
  std::atomic<Time> work_before_poll_ = 0;
  Options options_;
  bool armed_ = false;
  bool begun_ = false;
  bool told_ = false;
  bool concluded_ = false;
  int concluded_code_ = 0;
  int concluded_signal_ = 0;
  Time began_at_ = 0;
  SignalRecord first_ = {};
  bool said_how_to_force_ = false;
  std::array<char, 128> cause_ = {};
  std::array<char, 512> description_ = {};
  GuardedGroups groups_;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_GUARD_H_
