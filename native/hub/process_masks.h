#ifndef SIGKIT_HUB_PROCESS_MASKS_H_
#define SIGKIT_HUB_PROCESS_MASKS_H_

#include <sys/types.h>

#include <unordered_map>
#include <unordered_set>

#include "posix/mask_broadcast.h"
#include "posix/signal_set.h"

namespace sigkit {

// Who wants which signal blocked where. Three parties share each thread's one mask, and each must be able to take back
// its own wish without touching the others':
//
//   mask of a thread = own | (user & ~open) | held
//
//   own   what the thread blocked by itself, before us or by pthreadSigmask
//   user  what sigprocmask blocked in the whole process, and open: what a thread then unblocked for itself alone
//   held  what claims and critical sections block in the whole process
//
// Only signals in user | held are managed; all others are left to the threads. Guarded by the hub's configuration lock.
class ProcessMasks : private MaskPlan {
 public:
  // Changes what is held. On a report with unreachable threads after a block the change has been undone.
  MaskReport Hold(SignalSet held);
  // sigprocmask(2) for the whole process; `sections` are held on the caller's behalf and count as blocked.
  MaskReport ChangeAll(MaskHow how, SignalSet set, SignalSet sections, SignalSet* previous);
  // pthread_sigmask(3) for the calling thread.
  int ChangeOwn(MaskHow how, SignalSet set, SignalSet sections, SignalSet* previous);

  void SetExcluded(pid_t tid) { excluded_ = tid; }
  void AddEnvironmentThread(pid_t tid) { environment_threads_.insert(tid); }
  void RemoveEnvironmentThread(pid_t tid) { environment_threads_.erase(tid); }
  // As libc does, a change leaves out without an error what must not be blocked: the signal of the broadcast.
  SignalSet Blockable(SignalSet set) { return broadcast_.Blockable(set); }

 private:
  struct ThreadWish {
    uint64_t start_time;
    SignalSet own;
    SignalSet open;
  };

  MaskReport MoveTo(SignalSet user, SignalSet held, SignalSet again);
  MaskReport Apply(int64_t patience);
  SignalSet VisibleMask(SignalSet kernel, const ThreadWish& wish) const;
  ThreadWish WishOf(pid_t tid) const;
  void Remember(pid_t tid, ThreadWish wish);
  void ForgetUnmanaged();
  SignalSet Opened() const;
  SignalSet Close(SignalSet set);
  int DropOwn(SignalSet dropped, SignalSet kernel);

  MaskChange For(pid_t tid) override;
  void Applied(pid_t tid, SignalSet before) override;
  bool BlocksOnlyBriefly(pid_t tid) override;

  SignalSet user_;
  SignalSet held_;
  SignalSet touched_;  // managed bits that the running broadcast changes
  SignalSet adopted_;  // those among them that were not managed before
  pid_t excluded_ = 0;
  std::unordered_map<pid_t, ThreadWish> wishes_;
  std::unordered_set<pid_t> environment_threads_;
  MaskBroadcast broadcast_;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_PROCESS_MASKS_H_
