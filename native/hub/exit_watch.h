#ifndef SIGKIT_HUB_EXIT_WATCH_H_
#define SIGKIT_HUB_EXIT_WATCH_H_

#include <poll.h>
#include <pthread.h>

#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "posix/bell.h"
#include "posix/owned_fd.h"

namespace sigkit {

// Who waits for exits.
class ExitListener {
 public:
  virtual ~ExitListener() = default;
  // In the watch's thread, once: the process has exited, or its pidfd is no longer ours, and the process must be looked
  // at in another way. Must not call the watch.
  virtual void OnExit(uint32_t id, bool is_lost) = 0;
};

// The one thread that waits for the exits of processes, by poll(2) on their pidfds: while it sleeps it holds the files
// themselves, so that somebody who closes the numbers takes nothing from it (with epoll(7) a watch would silently be
// gone). It also reaps children whose environment has ended.
class ExitWatch {
 public:
  static ExitWatch& Get();

  // All return 0 or a negative errno. After the first, no descriptor is needed any more.
  int Start();
  int Watch(ExitListener* listener, uint32_t id, const OwnedFd* pidfd);
  // None of this listener's, or this pidfd's, is told once these are back.
  void Forget(const OwnedFd* pidfd);
  void ForgetAll(const ExitListener* listener);
  // The environment that would have waited for this child is gone: it is reaped here when it exits.
  void Adopt(pid_t pid, OwnedFd pidfd);
  // When the main thread's environment ends, and with it the process.
  void Stop();

 private:
  struct Watched {
    ExitListener* listener;
    uint32_t id;
    uint64_t watch;  // never the same again, as addresses and descriptors are
  };
  struct Polled {
    const OwnedFd* pidfd = nullptr;
    uint64_t watch = 0;
  };

  ExitWatch() = default;
  static void* Run(void* self);
  void Loop();
  int StartLocked();
  int CollectPolled();
  void TellPolled();
  void ReapAdopted();

  std::mutex lock_;
  bool running_ = false;
  bool stopping_ = false;
  pthread_t thread_ = {};
  Bell bell_;
  std::unordered_map<const OwnedFd*, Watched> watched_;
  uint64_t watches_ = 0;
  std::unordered_map<pid_t, OwnedFd> adopted_;

  // The thread's own: what it polls, and by which watch; 0: the bell, or an adopted child.
  std::vector<pollfd> polled_;
  std::vector<Polled> owners_;
  bool is_verified_ = false;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_EXIT_WATCH_H_
