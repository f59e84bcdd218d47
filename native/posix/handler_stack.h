#ifndef SIGKIT_POSIX_HANDLER_STACK_H_
#define SIGKIT_POSIX_HANDLER_STACK_H_

#include <utility>

#include "posix/signal_set.h"
#include "posix/syscalls.h"

namespace sigkit {

// A handler of ours, and what it has displaced. Others may displace it in turn and call it from theirs: standing above
// those again, the two would call each other without end. So whenever it has been displaced, it next stands there as
// another function, a level higher, and what the lower levels still get they pass on to what they had displaced.
class HandlerStack {
 public:
  static constexpr int kLevels = 16;
  using LevelHandler = void (*)(int level, int signo, siginfo_t* info, void* context);

  template <LevelHandler handle>
  static HandlerStack Of() {
    return At<handle>(std::make_integer_sequence<int, kLevels>());
  }

  // All return 0 or a negative errno. These two are called by one thread at a time.

  // Above whatever stands there, unless that is ours already. `kept`: flags to take over from what is displaced, with
  // its mask; -EBUSY if it has been displaced on every level.
  int Install(int signo, unsigned long flags, unsigned long kept);
  // Puts back what it had displaced; if it is displaced itself, nothing.
  int Remove(int signo);
  // As Remove, where somebody who calls nobody (libuv) has taken `ours` away; now `action` is to be there.
  int Replace(int signo, const KernelSigaction& ours, const KernelSigaction& action);

  // Async-signal-safe.
  bool Is(const KernelSigaction& action) const { return LevelOf(action) >= 0; }
  // Whether what is called on this level is called by the kernel, or by who has displaced us: not by who stands below
  // us.
  bool IsOutermost(int level, int signo) const;
  // What stands below an action that is ours.
  KernelSigaction& Below(const KernelSigaction& ours, int signo) { return Displaced(LevelOf(ours), signo); }
  KernelSigaction& Displaced(int level, int signo);

 private:
  template <LevelHandler handle, int level>
  __attribute__((no_sanitize("thread", "address", "undefined"))) static void AtLevel(int signo, siginfo_t* info,
                                                                                     void* context) {
    handle(level, signo, info, context);
  }

  template <LevelHandler handle, int... levels>
  static HandlerStack At(std::integer_sequence<int, levels...>) {
    return HandlerStack(AtLevel<handle, levels>...);
  }

  template <typename... Functions>
  explicit HandlerStack(Functions... functions) : functions_{functions...} {}
  int LevelOf(const KernelSigaction& action) const;

  struct Place {
    int level = 0;        // the one that was installed last
    bool stands = false;  // and has not been removed since: at the top, or below somebody
    KernelSigaction displaced[kLevels];
  };

  static bool MayCallUs(const KernelSigaction& action, const Place& place);

  // Plain arrays: what a handler reads must not be behind functions that a sanitizer instruments.
  const Handler functions_[kLevels];
  Place places_[kSignalCount + 1];
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_HANDLER_STACK_H_
