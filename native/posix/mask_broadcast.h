#ifndef SIGKIT_POSIX_MASK_BROADCAST_H_
#define SIGKIT_POSIX_MASK_BROADCAST_H_

#include <sys/types.h>

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "posix/mask_edit.h"
#include "posix/signal_set.h"
#include "posix/thread_list.h"

namespace sigkit {

struct MaskChange {
  SignalSet clear;
  SignalSet set;
};

// Says what a broadcast does to each thread, and is told what each thread blocked before.
class MaskPlan {
 public:
  virtual ~MaskPlan() = default;
  virtual MaskChange For(pid_t tid) = 0;
  virtual void Applied(pid_t tid, SignalSet before) = 0;
  // A thread that serves a JavaScript environment blocks everything only for a moment (uv_spawn): it is waited for.
  virtual bool BlocksOnlyBriefly(pid_t tid) = 0;
};

struct MaskReport {
  int error = 0;
  uint32_t updated = 0;
  uint32_t already_blocked = 0;         // blocks the broadcast signal for good, and the wanted set with it
  std::vector<pid_t> unreachable = {};  // as above, but without the wanted set; or gave no answer in time
};

// Changes the mask of every thread of the process but `excluded`, those that start meanwhile included: each thread gets
// one signal whose handler edits the mask that sigreturn(2) will restore. Not reentrant: the owner holds a lock.
class MaskBroadcast {
 public:
  // How long a run waits for threads that do not answer: a second for a change and the one that takes it back. Who
  // answers later still does as it was told last.
  static constexpr int64_t kPatience = 900'000'000;
  static constexpr int64_t kPatienceTakingBack = 100'000'000;

  MaskReport Run(MaskPlan& plan, pid_t excluded, int64_t patience);
  // Until the next run, nothing is kept open.
  void Rest() { lister_.Close(); }
  // Without the signal in use, which nobody else may block.
  SignalSet Blockable(SignalSet set);

 private:
  struct Pending {
    pid_t tid;
    bool look;                 // into /proc, before it is signalled
    MaskEdit* edit = nullptr;  // null: not asked yet
    int asks = 0;
    SignalSet before = {};
    uint64_t switches = 0;
    int unmoved = 0;
  };
  enum class Step { kWaiting, kFinished };

  void ChooseSignal();
  int TakeNewThreads(pid_t excluded);
  bool WorkOn(Pending& pending, MaskPlan& plan, MaskReport& report);
  Step Approach(Pending& pending, MaskPlan& plan, MaskReport& report);
  Step Collect(Pending& pending, MaskPlan& plan, MaskReport& report);
  Step Ask(Pending& pending, MaskPlan& plan);
  void GiveUp(const Pending& pending, MaskPlan& plan, MaskReport& report);
  bool IsParked(Pending& pending, const ThreadStatus& status, MaskPlan& plan);
  void ForgetDeadThreads();

  int signo_ = 0;
  ThreadLister lister_;
  std::vector<pid_t> threads_;
  std::vector<Pending> pending_;
  // Threads seen before, by tid: those that have answered need no look into /proc, parked ones no patience.
  struct Known {
    uint32_t seen_in = 0;
    bool answers = false;
    uint64_t parked_start_time = 0;  // 0: not parked
  };
  std::unordered_map<pid_t, Known> known_;
  uint32_t run_ = 0;
  bool silent_ = false;  // no answer came for a while
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_MASK_BROADCAST_H_
