#ifndef SIGKIT_HUB_SPAWNER_H_
#define SIGKIT_HUB_SPAWNER_H_

#include <pthread.h>

#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "posix/spawn.h"
#include "posix/unique_fd.h"

namespace sigkit {

// The one thread that makes all native children. It lasts as long as the process: a parent-death signal comes when
// the thread that forked ends, and its children stand in a list of their own, apart from libuv's and from adopted
// orphans.
class Spawner {
 public:
  static Spawner& Get();

  // When the main thread's environment ends, and with it the process.
  void Stop();

  SpawnResult Spawn(const SpawnRequest& request);
  // The environment that would have waited for this child is gone: it is reaped here when it exits.
  void Adopt(pid_t pid, UniqueFd pidfd);

 private:
  Spawner() = default;
  int Start();
  void Loop();
  static void* Run(void* self);

  // Held over a whole spawn: they are made one after the other.
  std::mutex callers_;
  bool running_ = false;
  pthread_t thread_ = {};
  UniqueFd events_;
  UniqueFd doorbell_;

  std::mutex state_;
  const SpawnRequest* request_ = nullptr;
  SpawnResult result_;
  uint32_t answered_ = 0;  // futex word: how many requests have been
  bool stopping_ = false;
  std::unordered_map<pid_t, UniqueFd> adopted_;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_SPAWNER_H_
