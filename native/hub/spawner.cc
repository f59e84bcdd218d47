#include "hub/spawner.h"

#include <sys/prctl.h>

#include <utility>

#include "posix/futex.h"
#include "posix/quiet_thread.h"

namespace sigkit {
namespace {

constexpr int64_t kForever = int64_t{1} << 62;

}  // namespace

int SpawnerThread::Start() { return StartQuietThread(&thread_, Run, this); }

void SpawnerThread::Give(std::shared_ptr<Birth> birth) {
  birth_ = std::move(birth);
  __atomic_store_n(&work_, kBirth, __ATOMIC_RELEASE);
  FutexWake(&work_);
}

void SpawnerThread::Stop() {
  __atomic_store_n(&work_, kStop, __ATOMIC_RELEASE);
  FutexWake(&work_);
  pthread_join(thread_, nullptr);
}

void* SpawnerThread::Run(void* self) {
  prctl(PR_SET_NAME, "sigkit-spawn");
  static_cast<SpawnerThread*>(self)->Loop();
  return nullptr;
}

void SpawnerThread::Loop() {
  for (;;) {
    const uint32_t work = __atomic_load_n(&work_, __ATOMIC_ACQUIRE);
    if (work == kStop) return;
    if (work == kNone) {
      FutexWait(&work_, kNone, kForever);
      continue;
    }
    const std::shared_ptr<Birth> birth = std::move(birth_);
    birth->Run();
    // Free before anybody knows: the next one may come at once.
    __atomic_store_n(&work_, kNone, __ATOMIC_RELEASE);
    birth->Announce();
  }
}

// Never destroyed: threads of other environments may still use it while the process exits.
Spawner& Spawner::Get() {
  static auto* const spawner = new Spawner;
  return *spawner;
}

// A thread that is held up cannot be told. It holds nothing that others wait for, and ends with the process.
void Spawner::Stop() {
  const std::scoped_lock calling(callers_);
  for (std::unique_ptr<SpawnerThread>& thread : threads_) {
    if (thread->is_free()) {
      thread->Stop();
    } else {
      static_cast<void>(thread.release());  // NOLINT(bugprone-unused-return-value)
    }
  }
  threads_.clear();
}

int Spawner::FindFree(SpawnerThread** free) {
  for (const std::unique_ptr<SpawnerThread>& thread : threads_) {
    if (!thread->is_free()) continue;
    *free = thread.get();
    return 0;
  }
  auto thread = std::make_unique<SpawnerThread>();
  const int error = thread->Start();
  if (error < 0) return error;
  threads_.push_back(std::move(thread));
  *free = threads_.back().get();
  return 0;
}

std::shared_ptr<Birth> Spawner::Spawn(SpawnRequest request, int* error) {
  auto birth = std::make_shared<Birth>(std::move(request));
  const std::scoped_lock calling(callers_);
  SpawnerThread* thread = nullptr;
  *error = FindFree(&thread);
  if (*error < 0) return nullptr;
  thread->Give(birth);
  birth->Await();
  return birth;
}

}  // namespace sigkit
