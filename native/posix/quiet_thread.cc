#include "posix/quiet_thread.h"

#include <signal.h>

#include "posix/signal_set.h"
#include "posix/syscalls.h"

namespace sigkit {
namespace {

constexpr SignalSet kBlocked =
    ~(SignalSet::Of(32) | SignalSet::Of(33) | SignalSet::Of(SIGSEGV) | SignalSet::Of(SIGBUS) | SignalSet::Of(SIGILL) |
      SignalSet::Of(SIGTRAP) | SignalSet::Of(SIGSYS));

}  // namespace

int StartQuietThread(pthread_t* thread, void* (*run)(void*), void* argument) {
  SignalSet mask;
  ChangeMask(MaskHow::kSet, kBlocked, &mask);
  const int error = pthread_create(thread, nullptr, run, argument);
  ChangeMask(MaskHow::kSet, mask, nullptr);
  return -error;
}

}  // namespace sigkit
