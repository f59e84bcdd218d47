#ifndef SIGKIT_HUB_PROCESS_MASKS_H_
#define SIGKIT_HUB_PROCESS_MASKS_H_

#include <sys/types.h>

#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

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
  // What is held for claims, behind each of which a catcher stands, and for sections, which have none. `reach`: of what
  // is new. If a kCertain block fails, or cannot reach a thread, it has been undone.
  MaskReport Hold(SignalSet claims, SignalSet sections, Reach reach);
  // Whether what was recalled from threads has taken others' signals along (MaskBroadcast::Recall), since the last
  // call.
  bool TakeRecalled() { return std::exchange(recalled_, false); }
  // sigprocmask(2) for the whole process; `sections` are held on the caller's behalf and count as blocked.
  MaskReport ChangeAll(MaskHow how, SignalSet set, SignalSet sections, SignalSet* previous);
  // pthread_sigmask(3) for the calling thread.
  int ChangeOwn(MaskHow how, SignalSet set, SignalSet sections, SignalSet* previous);
  // Has claims block nothing in the calling thread, until CloseOwn: their catchers stand. What it blocks by itself, and
  // what sections and sigprocmask block, stays blocked.
  int OpenOwn();
  void CloseOwn();

  void SetExcluded(pid_t tid) { excluded_ = tid; }
  void AddEnvironmentThread(pid_t tid);
  void RemoveEnvironmentThread(pid_t tid);
  int edit_signal() { return broadcast_.signo(); }
  // As libc does, a change leaves out without an error what must not be blocked: the signal of the broadcast.
  SignalSet Blockable(SignalSet set) { return broadcast_.Blockable(set); }

 private:
  struct ThreadWish {
    uint64_t start_time;
    SignalSet own;
    SignalSet open;
  };

  MaskReport MoveTo(SignalSet user, SignalSet held, SignalSet again, Reach reach);
  MaskReport Apply(Reach reach);
  void TakeClosed();
  void LearnOfClosed();
  void InheritOwn(SignalSet ending);
  SignalSet OwnOfAll(const std::unordered_set<pid_t>& threads) const;
  SignalSet VisibleMask(SignalSet kernel, const ThreadWish& wish) const;
  ThreadWish WishOf(pid_t tid) const;
  void Remember(pid_t tid, ThreadWish wish);
  void ForgetUnmanaged();
  SignalSet Opened() const;
  SignalSet Close(SignalSet set);
  int DropOwn(SignalSet dropped, SignalSet kernel);

  MaskChange For(pid_t tid, SignalSet lacks) override;
  void Applied(pid_t tid, SignalSet before, SignalSet lacks, bool born) override;
  bool BlocksOnlyBriefly(pid_t tid) override;
  SignalSet Managed(pid_t tid, SignalSet lacks) override;
  std::vector<pid_t> KnownThreads() override;

  SignalSet user_;
  SignalSet held_;
  SignalSet sections_;
  SignalSet caught_;   // those of held_ behind which a catcher stands
  SignalSet touched_;  // managed bits that the running broadcast changes
  SignalSet adopted_;  // those among them that were not managed before
  pid_t excluded_ = 0;
  bool incomplete_ = false;  // the last broadcast
  bool recalled_ = false;
  std::unordered_map<pid_t, SignalSet> closed_;  // by a catcher, since the last change: what they blocked before
  std::unordered_set<pid_t> caught_threads_;
  std::unordered_map<pid_t, ThreadWish> wishes_;
  std::unordered_set<pid_t> environment_threads_;
  MaskBroadcast broadcast_;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_PROCESS_MASKS_H_
