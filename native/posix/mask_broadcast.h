#ifndef SIGKIT_POSIX_MASK_BROADCAST_H_
#define SIGKIT_POSIX_MASK_BROADCAST_H_

#include <sys/types.h>

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "posix/mask_edit.h"
#include "posix/patience.h"
#include "posix/signal_set.h"
#include "posix/steady_mask.h"
#include "posix/thread_list.h"
#include "posix/thread_status.h"

namespace sigkit {

struct MaskChange {
  SignalSet clear;
  SignalSet set;
  SignalSet has;  // what of `set` has been set before, and is set once more to be certain
};

// Says what a broadcast does to each thread, and is told what each thread blocked before.
class MaskPlan {
 public:
  virtual ~MaskPlan() = default;
  // `lacks`: what earlier broadcasts were to block in this thread and did not.
  virtual MaskChange For(pid_t tid, SignalSet lacks) = 0;
  // `born`: while the broadcast ran, so that it may have what it blocks from a thread that was changed already.
  virtual void Applied(pid_t tid, SignalSet before, SignalSet lacks, bool born) = 0;
  // What a thread may block on our behalf, or on that of a catcher that it met although it lacked that.
  virtual SignalSet Managed(pid_t tid, SignalSet lacks) = 0;
  // A thread that serves a JavaScript environment blocks everything only for a moment (uv_spawn): it is waited for.
  virtual bool BlocksOnlyBriefly(pid_t tid) = 0;
  // Threads that are known without /proc.
  virtual std::vector<pid_t> KnownThreads() = 0;
};

// What stands on a broadcast.
enum class Reach {
  kCaught,   // something else keeps the promise: who blocks our signal is waited for no longer than it takes to be born
  kCertain,  // every thread, or it has failed
  kTakingBack,  // undoes one that has failed
};

struct MaskReport {
  int error = 0;
  bool incomplete = false;  // /proc does not tell of the threads of this process
  uint32_t updated = 0;
  // Blocks the broadcast's signal, and the wanted set with it. Where it might open both, a request waits for it.
  uint32_t already_blocked = 0;
  std::vector<pid_t> unreachable = {};  // as above, but without the wanted set; or gave no answer in time
};

// Changes the mask of every thread of the process but `excluded`, those that start meanwhile included: each thread gets
// one signal whose handler edits the mask that sigreturn(2) will restore. Not reentrant: the owner holds a lock.
class MaskBroadcast {
 public:
  MaskReport Run(MaskPlan& plan, pid_t excluded, Reach reach);
  // What threads have answered after the run that asked them: the plan is told. Before it reads a mask or a wish.
  void TakeLateAnswers(MaskPlan& plan);
  // The calling thread blocks this, outside handlers.
  void LearnHere(SignalSet mask, SignalSet managed) { known_[ThreadId()].steady.LearnOutside(mask, managed); }
  // The calling thread follows a request that it has not met yet.
  int FollowHere(MaskPlan& plan);
  // Nothing that can be recalled is under way any more. True if something was: then every other signal of that number
  // that waited for a thread is gone, too.
  bool Recall();
  // Until the next run, nothing is kept open.
  void Rest() { lister_.Close(); }
  // Threads that no run has met yet, and those that it has; as /proc lists them.
  std::vector<pid_t> NewThreads();
  std::vector<pid_t> KnownThreads() const;
  // The signal in use.
  int signo();
  // Without the signal in use, which nobody else may block.
  SignalSet Blockable(SignalSet set);
  // What some thread lacks, but for those that sleep for good.
  SignalSet Lacked() const;
  // This thread has been changed. Returns what it had lacked; of one that has never been met, `unmet`.
  SignalSet Reached(pid_t tid, SignalSet unmet);

 private:
  struct Pending {
    pid_t tid;
    bool born;
    bool look;                 // into /proc, before it is signalled
    MaskEdit* edit = nullptr;  // null: not asked yet
    int asks = 0;
    uint64_t switches = 0;
    int unmoved = 0;
    int looks = 0;
    uint64_t run_time = 0;
    uint64_t voluntary_switches = 0;
    bool missed = false;  // its signal, at the last look
  };
  // Threads seen before, by tid: those that have answered need no look into /proc.
  struct Known {
    uint32_t seen_in = 0;
    bool answers = false;
    bool requested = false;  // what it has not answered is still under way to it
    SignalSet lacks;
    SteadyMask steady;
    uint64_t sleeper_start_time = 0;  // of one that sleeps for good; 0: of none
    ThreadStatus left = {};           // when it was last left as it was
  };
  enum class Step { kWaiting, kFinished };

  // For threads that block our signal, where a catcher stands behind: long enough to be born in.
  static constexpr Time kPatienceForBlocked = kSecond / 20;

  void ChooseSignal();
  int TakeNewThreads(MaskPlan& plan, pid_t excluded, MaskReport& report);
  void WorkOnAll(MaskPlan& plan, MaskReport& report);
  Step WorkOn(Pending& pending, MaskPlan& plan, MaskReport& report);
  Step Approach(Pending& pending, MaskPlan& plan, MaskReport& report);
  Step LookFailed(Pending& pending, int error, MaskPlan& plan, MaskReport& report);
  Step Collect(Pending& pending, MaskPlan& plan, MaskReport& report);
  Step LookWhySilent(Pending& pending, MaskPlan& plan, MaskReport& report);
  Step Ask(Pending& pending, MaskPlan& plan);
  void LateAnswer(MaskEdit* edit, MaskPlan& plan);
  Step Leave(const Pending& pending, const ThreadStatus& status, MaskPlan& plan, MaskReport& report);
  void LeaveRequest(Pending pending, MaskPlan& plan);
  void GiveUp(const Pending& pending, MaskPlan& plan, MaskReport& report);
  static bool RunsOpen(Pending& pending, const ThreadStatus& status);
  bool IsParked(Pending& pending, const ThreadStatus& status, MaskPlan& plan);
  bool SleepsAsKnown(pid_t tid, const Known& known) const;
  MaskChange ChangeFor(const Pending& pending, MaskPlan& plan) {
    return plan.For(pending.tid, known_[pending.tid].lacks);
  }
  SignalSet ManagedIn(pid_t tid, MaskPlan& plan) { return plan.Managed(tid, known_[tid].lacks); }
  void ForgetDeadThreads();

  int signo_ = 0;
  Reach reach_ = Reach::kCertain;
  ThreadLister lister_;
  std::vector<pid_t> threads_;
  std::vector<Pending> pending_;
  std::unordered_map<pid_t, Known> known_;
  uint32_t run_ = 0;
  int passes_ = 0;
  Patience patience_;
  bool silent_ = false;  // no answer came for a while
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_MASK_BROADCAST_H_
