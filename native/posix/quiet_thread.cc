#include "posix/quiet_thread.h"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#include "posix/libc_signals.h"
#include "posix/signal_set.h"
#include "posix/syscalls.h"

namespace sigkit {
namespace {

constexpr SignalSet kFaults = SignalSet::Of(SIGSEGV) | SignalSet::Of(SIGBUS) | SignalSet::Of(SIGILL) |
                              SignalSet::Of(SIGTRAP) | SignalSet::Of(SIGSYS);

struct Registry {
  std::mutex lock;
  std::vector<pid_t> tids;
};

// Never destroyed: such threads may outlive main().
Registry& Threads() {
  static auto* const registry = new Registry;
  return *registry;
}

class Registered {
 public:
  Registered() {
    const std::scoped_lock locked(Threads().lock);
    Threads().tids.push_back(ThreadId());
  }
  ~Registered() {
    const std::scoped_lock locked(Threads().lock);
    std::erase(Threads().tids, ThreadId());
  }
  Registered(const Registered&) = delete;
  Registered& operator=(const Registered&) = delete;
};

struct Start {
  void* (*run)(void*);
  void* argument;
};

void* Run(void* start) {
  const std::unique_ptr<Start> owned(static_cast<Start*>(start));
  const Registered registered;
  return owned->run(owned->argument);
}

}  // namespace

int StartQuietThread(pthread_t* thread, void* (*run)(void*), void* argument) {
  std::unique_ptr<Start> start(new (std::nothrow) Start{run, argument});
  if (start == nullptr) return -ENOMEM;
  SignalSet mask;
  ChangeMask(MaskHow::kSet, ~(LibcSignals() | kFaults), &mask);
  const int error = pthread_create(thread, nullptr, Run, start.get());
  ChangeMask(MaskHow::kSet, mask, nullptr);
  // The thread has it now.
  // NOLINTNEXTLINE(bugprone-unused-return-value)
  if (error == 0) static_cast<void>(start.release());
  return -error;
}

bool IsQuietThread(pid_t tid) {
  const std::scoped_lock locked(Threads().lock);
  return std::find(Threads().tids.begin(), Threads().tids.end(), tid) != Threads().tids.end();
}

}  // namespace sigkit
