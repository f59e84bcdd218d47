#ifndef SIGKIT_HUB_DIAGNOSTICS_H_
#define SIGKIT_HUB_DIAGNOSTICS_H_

#include <pthread.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "hub/allowed_senders.h"
#include "hub/diagnostic_request.h"
#include "hub/loop_sampler.h"
#include "hub/stack_printer.h"
#include "posix/dump_folder.h"
#include "posix/seen_record.h"
#include "posix/signal_set.h"
#include "posix/spare_descriptors.h"

namespace sigkit {

// Answers those who ask by a signal, in a thread of its own, as the waiter must not wait for stacks and disks. What
// needs JavaScript is JavaScript's to do; of that the thread does what it can where no answer comes. Callers hold a
// lock of their own but for OnSignal, Take and Finish.
class Diagnostics {
 public:
  struct Options {
    SignalSet signals;
    std::array<DiagnosticAction, kSignalCount + 1> actions = {};
    AllowedSenders allowed;
    // From one answer to the next of the same kind there is at least that time.
    Time interval = 0;
    // -1: there is none.
    int folder = -1;
    std::string directory;
    DumpFolder::Limits limits;
    // JSON, of which the end is still to come, for who looks for these diagnostics from outside.
    std::string about;
    // That JavaScript runs in.
    pid_t thread = 0;
  };

  // Returns 0 or a negative errno.
  int Open(Options&& options);
  // Ends and joins the thread; what has been asked for is answered before.
  void Close();
  bool is_open() const { return open_; }

  // On whatever thread has taken the signal. Those that ask for the same before it begins become one.
  void OnSignal(const SignalRecord& record);

  // Visits what JavaScript is to do from now on, of each kind one at a time. Sets when there may be more, if that is
  // before `look_again`.
  using Visit = void (*)(const DiagnosticRequest& request, void* context);
  void Take(Time* look_again, Visit visit, void* context);
  // What it has done: the text of a dump; else the file that it has written, or why it has not, and a note as text.
  void Finish(uint32_t id, std::string text, std::string file, std::string error);
  uint32_t refused();

 private:
  using Request = std::unique_ptr<DiagnosticRequest>;

  static void* Run(void* self);
  void Loop();
  bool Decide(const SignalRecord& record, DiagnosticAction* action, uint32_t* seconds);
  void Add(const SignalRecord& record, DiagnosticAction action, uint32_t seconds);
  bool IsRunning(DiagnosticAction action) const;
  Time& RestOf(DiagnosticAction action) { return rest_[static_cast<size_t>(action)]; }
  bool Postpone(DiagnosticRequest* request, Time now) const;
  Time DueTime(const DiagnosticRequest& request);
  void Perform(Request request);
  void Sample();
  void Conclude(const DiagnosticRequest& request);
  void Answer(DiagnosticRequest* request);
  void WriteFile(DiagnosticRequest* request, const char* kind, const std::string& text);
  void Tell(const DiagnosticRequest& request);
  void TellRefused(std::unique_lock<std::mutex>* locking);
  void CloseFiles();
  void ShowLast(const DiagnosticRequest* request);

  std::atomic<bool> open_ = false;
  std::atomic<bool> stopping_ = false;
  pthread_t thread_ = {};
  // Futex word.
  uint32_t news_ = 0;

  std::mutex lock_;
  Options options_;
  std::vector<Request> requests_;
  uint32_t last_id_ = 0;
  std::array<Time, kDiagnosticActions> rest_ = {};
  uint32_t refused_ = 0;
  uint32_t refused_told_ = 0;
  Time tell_refused_ = 0;
  SignalRecord last_refused_ = {};
  std::string last_ = "null";
  // The last one of each kind.
  std::array<std::string, kDiagnosticActions> answers_;
  SeenRecord seen_;
  // Let go while a dump is made.
  SpareDescriptors spare_;

  // The thread's own, while there is one.
  StackPrinter printer_{&stopping_};
  LoopSampler sampler_;
  DumpFolder folder_;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_DIAGNOSTICS_H_
