#ifndef SIGKIT_HUB_HUB_H_
#define SIGKIT_HUB_HUB_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "hub/catchers.h"
#include "hub/diagnostics.h"
#include "hub/early_hold.h"
#include "hub/guard.h"
#include "hub/id_source.h"
#include "hub/process_masks.h"
#include "hub/session.h"
#include "hub/subscription.h"
#include "hub/waiter.h"
#include "hub/watchdog.h"
#include "posix/syscalls.h"

namespace sigkit {

enum class ClaimStep { kThread = 0, kAction = 1, kMasks = 2, kDescriptor = 3 };

// A claim, or a negative errno and at which step, or a report on threads that could not be reached.
struct ClaimResult {
  uint32_t id = 0;
  ClaimStep step = ClaimStep::kMasks;
  MaskReport report;
};

// What a reader can know of its stream.
struct StreamState {
  size_t queued = 0;
  uint64_t dropped = 0;
  SignalSet signals;
};

// The owner of what a process has only once: thread masks, dispositions and the waiter. Every environment shares it.
// Two locks: `configuration_` is held over a whole change, broadcast included; `delivery_`, always the inner one, over
// a few instructions. The waiter takes only the second, so a change may wait for the waiter.
class Hub : private SignalSink {
 public:
  static Hub& Get();

  void Attach(Session* session, bool takes_handed_on);
  void Detach(Session* session);

  ClaimResult Claim(Session* session, const ClaimOptions& options);
  // What nobody claims yet, for whoever does next: a claim takes over what has come. Of what nobody has asked for, a
  // signal has its action when it has been held for so long, on the waiter thread, whatever this environment does.
  ClaimResult ClaimEarly(Session* session, SignalSet signals, Time patience);
  // Nobody asks for these any more: what has come goes back to the kernel. On the thread that has claimed them, else it
  // does nothing.
  void GiveBackEarly(SignalSet signals);
  void Close(uint32_t id);
  // Forgets a closed claim with what it has not handed out.
  void Free(uint32_t id);
  // `ended`: there is nothing, and nothing more will come.
  size_t Take(uint32_t id, SignalRecord* into, size_t limit, bool wait, bool* ended);
  StreamState State(uint32_t id);
  // Returns when all that was pending at the call has been delivered.
  void Drain();
  // The descriptor that the loop of this environment polls, or a negative errno. To be closed once no claim wants it.
  int OpenSignalFd(Session* session);
  bool HasSignalFd(Session* session);
  void CloseSignalFd(Session* session);
  // Takes what the loop of this environment is to take. True if something is ready for the environment.
  bool TakeByLoop(Session* session);

  size_t TakeReady(Session* session, uint32_t* into, size_t limit);
  // While listeners run, what they send to their own process is marked as their echo and not handed on again.
  void SetHandingOn(SignalSet signals);

  // A watcher of the environment, kept for its claims, has been called.
  void Heard(Session* session, int signo);
  // kCaught: for a claim that is about to be made, where the signals would have their action if one came through.
  ClaimResult BlockSection(Session* session, SignalSet signals, Reach reach);
  void EndSection(Session* session, uint32_t id);
  MaskReport ChangeProcessMask(MaskHow how, SignalSet set, SignalSet* previous);
  int ChangeThreadMask(MaskHow how, SignalSet set, SignalSet* previous);
  // For what is forked in the calling thread meanwhile.
  int OpenThread();
  void CloseThread();

  // The waiter runs as long as a guard is open. -EBUSY if one is open already; `step` tells at which step else.
  int OpenGuard(const Guard::Options& options, ClaimStep* step);
  void CloseGuard();
  // By hand, without a signal.
  void BeginGuard();
  Guard& guard() { return guard_; }

  // Has these signals answered when they are delivered, which some claim must see to. -EBUSY if that is asked already.
  int OpenDiagnostics(Diagnostics::Options&& options);
  void CloseDiagnostics();
  Diagnostics& diagnostics() { return diagnostics_; }
  // What it does at this moment, for a dump: lib/diagnostics/dump/state.ts makes an object of it.
  std::vector<double> Tell();

  // As a guard.
  int OpenWatchdog(Watchdog::Options options, ClaimStep* step);
  void CloseWatchdog();
  void AnswerWatchdog();

  int Ignore(Session* session, SignalSet signals);
  int Reset(Session* session, SignalSet signals);
  bool Claimed(int signo);
  // Those that claims cover, and what the process would do with them without us.
  struct Covered {
    SignalSet claimed;
    SignalSet ignored;
    SignalSet handled;
  };
  Covered CoveredActions();
  // As KillThread, but a claimed signal for a thread of this process goes where it is taken.
  int SendToThreadOf(pid_t tid, int signo);

 private:
  Hub() : waiter_(this) {}

  static void RingWaiter();
  SignalSet WaitSet() override;
  void Deliver(const siginfo_t& info) override;
  void TakeCaught() override;
  Time NextTime() override;
  void OnTime(Time now) override;
  // True if who accepts signals may have changed.
  bool DeliverRecord(const SignalRecord& record, bool hand_on = true);
  void TakeNotes();
  bool DeliverCaught();
  bool Accepts(int signo) const;
  void DeliverLate(SignalSet signals);
  void ReturnCaught(const std::vector<Subscription*>& ending);
  static void SendAgain(const siginfo_t& info);
  void HandOn(const SignalRecord& record);
  size_t TakePending() override;
  size_t TakeFrom(SignalFd& from, const SignalSet& signals, size_t budget, const Session* reader);
  void Announce(Session& session, uint32_t ready);
  void WakeReader(Subscription& subscription);

  ClaimResult MakeClaim(Session* session, const ClaimOptions& options, const std::function<void(Subscription*)>& made);
  void HoldEarly(const SignalRecord& record);
  void WithdrawEarly(SignalSet signals);
  void OnEarlyTime(Time now);
  int OpenWaiterFd();
  void CloseWaiterFd();
  int StartWaiter(ClaimStep* step);
  void StartFor(Session* session, const ClaimOptions& options, ClaimResult* result);
  void StopIfIdle();
  MaskReport HoldWhatIsWanted(Reach reach, const std::vector<Subscription*>& ending = {});
  void CloseBeforeUnwatching(const Session& session, SignalSet signals);
  void LeaveToOthers(Session* session, const std::vector<Subscription*>& ending, SignalSet signals);
  void Release(Session* session, const std::vector<Subscription*>& ending, bool takes_pending);
  void EndSubscriptions(Session* session, SignalSet signals);
  void Enlist(Subscription* subscription);
  void Delist(Subscription* subscription, SignalSet signals);
  void UpdateWaitSet();
  void RefreshWaitSet();
  void ResumeIfRoom(const Subscription& subscription);
  Session* LoopFor(int signo) const;
  void AssignTakers();
  size_t RoomFor(SignalSet signals) const;
  void DrainAll();
  void DrainWhatIsPending(SignalSet signals);
  uint32_t FreeId();
  SignalSet Claims(const std::vector<Subscription*>& ending = {}) const;
  SignalSet SectionSignals() const;

  std::mutex configuration_;
  ProcessMasks masks_;
  std::unordered_map<uint32_t, SignalSet> sections_;
  std::array<std::optional<KernelSigaction>, kSignalCount + 1> saved_actions_;
  Catchers catchers_;
  Waiter waiter_;
  Guard guard_;
  Diagnostics diagnostics_;
  Watchdog watchdog_;
  EarlyHold early_;

  std::mutex delivery_;
  IdSource ids_;
  std::unordered_map<uint32_t, std::unique_ptr<Subscription>> subscriptions_;
  std::array<std::vector<Subscription*>, kSignalCount + 1> subscribers_;
  std::vector<Session*> sessions_;
  std::vector<Session*> handed_on_to_;  // the first takes what is handed on
  SignalSet handing_on_;
  SignalSet held_back_;  // inside sections: claimed, but left in the kernel
  SignalSet ending_;     // about to lose their subscribers
  SignalSet by_loop_;    // taken by the event loop of some environment
  SignalSet moving_;     // from the waiter to a loop: taken by neither
  SignalSet wait_set_;
  SignalFd waiter_fd_;  // as wait_set_, to take many at once
  struct Caught {
    siginfo_t info;
    SignalRecord record;
    bool hand_on;
  };
  std::vector<Caught> caught_;  // not delivered yet
  bool in_batch_ = false;       // whoever has news is woken at its end
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_HUB_H_
