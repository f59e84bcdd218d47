#ifndef SIGKIT_POSIX_MASK_EDIT_H_
#define SIGKIT_POSIX_MASK_EDIT_H_

#include <sys/types.h>

#include <cstdint>

#include "posix/signal_set.h"
#include "posix/syscalls.h"

// The part of the mask broadcast that runs inside a signal handler on a foreign thread. Nothing here may lock, allocate
// or touch what a sanitizer intercepts (signal-safety(7)), hence plain words and the compiler's atomics.

namespace sigkit {

enum EditState : uint32_t { kFree, kAsked, kAmending, kEditing, kDone, kRecalled };

// A request to one thread to change its own mask when the handler next runs there. One signal is sent for each, and
// none while it is unanswered: what is under way to a thread is never more than its request will answer.
struct MaskEdit {
  pid_t tid = 0;
  uint32_t state = kFree;
  uint64_t clear = 0;
  uint64_t set = 0;
  uint64_t before = 0;           // the thread's mask as the handler found it
  uint64_t kept = 0;             // what was to be cleared, until a later request came for it: the thread has it from us
  uint64_t seen = ~uint64_t{0};  // what it blocked in all the answers that were rejected
};

// Requests live in blocks that are never freed: a thread that could not be reached in time may answer at any later
// moment.
struct MaskEditBlock {
  static constexpr int kSize = 128;
  MaskEdit edits[kSize];
  MaskEditBlock* next = nullptr;
};

// All of these but the handler are called under the owner's lock, by one thread at a time.

// A free request, or the one that this thread has still not answered. Null when memory is out.
MaskEdit* AcquireEdit(pid_t tid);
enum class Asked { kSignalNow, kSignalIsUnderWay, kBusy };
// Publishes the request, with what is left of an earlier one that has not been followed. kBusy: the thread is in the
// midst of following that.
Asked AskEdit(MaskEdit* edit, pid_t tid, SignalSet clear, SignalSet set);
// The request was answered.
bool EditDone(const MaskEdit* edit);
// Of an answer: what the thread blocked other than on our behalf.
SignalSet EditBefore(const MaskEdit* edit);
bool EditUnanswered(const MaskEdit* edit);
void ReleaseEdit(MaskEdit* edit);
// It was answered, but in vain: the next request to the thread includes it.
void RejectAnswer(MaskEdit* edit);
// For a living thread whose signal has gone. It may be at the first instruction of the handler all the same: then it
// changes nothing, and the signal ends there. False: it has answered.
bool RecallEdit(MaskEdit* edit);
// Nothing of a recalled request is left for the next one.
void ForgetEdit(MaskEdit* edit);
// The calling thread does itself what it was told, whether it has done so or not; all else that it blocks, but what is
// in `not_ours`, is on our behalf. If its signal is under way, an answer without meaning is still awaited.
struct TakenEdit {
  SignalSet clear;
  SignalSet set;
  SignalSet not_ours;
};
TakenEdit TakeEdit(MaskEdit* edit);
// For a thread that is gone: what it left unanswered must not meet the next one with its number.
void ReleaseEditOf(pid_t tid);
// Visits every request that has not been released, and may release it.
template <typename Visit>
void ForEachEdit(Visit visit);
// While there is one, the handler must stay.
bool AnyEditUnanswered();

// Counts answers; a broadcast sleeps on it.
const uint32_t* EditAnswers();

// Installs the handler for `signo`, keeping what was there: signals that are not ours are handed to it. All three
// return 0 or a negative errno.
int InstallEditHandler(int signo);
bool IsEditHandler(const KernelSigaction& action);
int RestoreEditHandler(int signo);
// Takes back the signals that are still pending, in all threads, by ignoring them for a moment: sigaction(2). Not if a
// handler of somebody else stands above or below ours, as a true fault in that moment would be lost to it: -EBUSY.
int RecallEditSignals(int signo);

MaskEditBlock& FirstEditBlock();

template <typename Visit>
void ForEachEdit(Visit visit) {
  for (MaskEditBlock* block = &FirstEditBlock(); block != nullptr; block = block->next) {
    for (MaskEdit& edit : block->edits) {
      if (edit.tid != 0) visit(&edit);
    }
  }
}

}  // namespace sigkit

#endif  // SIGKIT_POSIX_MASK_EDIT_H_
