#ifndef SIGKIT_HUB_HUB_H_
#define SIGKIT_HUB_HUB_H_

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "hub/process_masks.h"
#include "hub/session.h"
#include "hub/subscription.h"
#include "hub/waiter.h"
#include "posix/syscalls.h"

namespace sigkit {

enum class ClaimStep { kThread = 0, kAction = 1, kMasks = 2 };

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
  void Close(uint32_t id);
  // Forgets a closed claim with what it has not handed out.
  void Free(uint32_t id);
  size_t Take(uint32_t id, SignalRecord* into, size_t limit, bool wait);
  StreamState State(uint32_t id);
  void Drain() { waiter_.Drain(); }

  size_t TakeReady(Session* session, uint32_t* into, size_t limit);
  size_t TakeHandedOn(Session* session, SignalRecord* into, size_t limit);
  // While listeners run, what they send to their own process is marked as their echo and not handed on again.
  void SetHandingOn(SignalSet signals);

  ClaimResult BlockSection(Session* session, SignalSet signals);
  void EndSection(Session* session, uint32_t id);
  MaskReport ChangeProcessMask(MaskHow how, SignalSet set, SignalSet* previous);
  int ChangeThreadMask(MaskHow how, SignalSet set, SignalSet* previous);

  int Ignore(SignalSet signals);
  int Reset(SignalSet signals);
  bool Claimed(int signo);
  // As KillThread, but a claimed signal for a thread of this process goes where it is taken.
  int SendToThreadOf(pid_t tid, int signo);

 private:
  Hub() : waiter_(this) {}

  static void RingWaiter();
  SignalSet WaitSet() override;
  void Deliver(const siginfo_t& info, uint32_t count) override;
  void HandOn(const SignalRecord& record);
  void WakeReader(Subscription& subscription);

  void StartFor(const ClaimOptions& options, ClaimResult* result);
  void StopIfIdle();
  MaskReport HoldWhatIsWanted();
  void Release(const std::vector<Subscription*>& ending);
  void EndSubscriptions(SignalSet signals);
  void Enlist(Subscription* subscription);
  void Delist(Subscription* subscription, SignalSet signals);
  void UpdateWaitSet();
  void ResumeIfRoom(const Subscription& subscription);
  SignalSet Claims() const;
  SignalSet SectionSignals() const;

  std::mutex configuration_;
  ProcessMasks masks_;
  std::unordered_map<uint32_t, SignalSet> sections_;
  std::array<std::optional<KernelSigaction>, kSignalCount + 1> saved_actions_;
  bool child_tap_ = false;
  Waiter waiter_;

  std::mutex delivery_;
  uint32_t last_id_ = 0;
  std::unordered_map<uint32_t, std::unique_ptr<Subscription>> subscriptions_;
  std::array<std::vector<Subscription*>, kSignalCount + 1> subscribers_;
  std::vector<Session*> handed_on_to_;  // the first takes what is handed on
  SignalSet handing_on_;
  SignalSet held_back_;  // inside sections: claimed, but left in the kernel
  SignalSet ending_;     // about to lose their subscribers
  SignalSet wait_set_;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_HUB_H_
