#ifndef SIGKIT_HUB_SPAWNER_H_
#define SIGKIT_HUB_SPAWNER_H_

#include <pthread.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "posix/birth.h"

namespace sigkit {

// A thread that makes children, one at a time. It lasts as long as the process: a parent-death signal comes when the
// thread that forked ends. It waits on a futex word, which nobody can close.
class SpawnerThread {
 public:
  // 0 or a negative errno.
  int Start();
  // It must be free.
  void Give(std::shared_ptr<Birth> birth);
  bool is_free() const { return __atomic_load_n(&work_, __ATOMIC_ACQUIRE) == kNone; }
  // Waits until it has ended; it must be free.
  void Stop();

 private:
  enum Work : uint32_t { kNone, kBirth, kStop };
  static void* Run(void* self);
  void Loop();

  pthread_t thread_ = {};
  std::shared_ptr<Birth> birth_;
  uint32_t work_ = kNone;  // futex word
};

// Makes all native children: they stand in lists of their own, apart from libuv's and from adopted orphans. One thread
// does it, and a further one when all others are held up by a child that is stopped half-born.
class Spawner {
 public:
  static Spawner& Get();

  // The soft limit of open files for children, where this process has raised its own: what it was started with, or else
  // the usual one, which programs that use select(2) rely on.
  int64_t open_files() const { return __atomic_load_n(&open_files_, __ATOMIC_RELAXED); }
  void set_open_files(int64_t soft) { __atomic_store_n(&open_files_, soft, __ATOMIC_RELAXED); }

  // When the main thread's environment ends, and with it the process.
  void Stop();

  // Comes back when the child has executed its program, has failed, or is stopped in between. Null: there is no thread
  // to do it, for a negative errno.
  std::shared_ptr<Birth> Spawn(SpawnRequest request, int* error);

 private:
  Spawner() = default;
  int FindFree(SpawnerThread** free);

  int64_t open_files_ = 1024;
  // Held over a whole spawn: they are made one after the other.
  std::mutex callers_;
  std::vector<std::unique_ptr<SpawnerThread>> threads_;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_SPAWNER_H_
