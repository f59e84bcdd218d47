#include "hub/javascript_threads.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "posix/clock.h"
#include "posix/futex.h"
#include "posix/loaded_code.h"
#include "posix/stack_sample.h"
#include "posix/unwind.h"

namespace sigkit {
namespace {

// How soon to look whether who was busy has become idle instead of answering.
constexpr Time kFirstLook = kMillisecond;
constexpr Time kLastLook = 16 * kMillisecond;
// For the handler of a thread that runs, beyond the time that it had to answer.
constexpr Time kSamplePatience = 20 * kMillisecond;

void LookInside(ThreadStack* stack, Time patience) {
  stack->place = KernelPlaceOf(stack->tid);
  StackSampler sampler;
  const StackSample* const sample = sampler.Take(stack->tid, patience);
  if (sample == nullptr) return;
  WhileLoaded([&] { stack->native_frames = NameFrames(Unwind(*sample)); });
  // Where V8 keeps its own pieces of code for JavaScript in the program. One may be what takes the time.
  const auto is_javascript = [](const NativeFrame& frame) { return frame.function.starts_with("Builtins_"); };
  auto& frames = stack->native_frames;
  if (!frames.empty()) frames.erase(std::find_if(frames.begin() + 1, frames.end(), is_javascript), frames.end());
}

// All that the calling thread has been, the last as what it is: V8 may still call an earlier one. By a key and not
// thread_local, which would need glibc's own loader: one binary serves musl, too.
class OwnThreads {
 public:
  static std::shared_ptr<JavaScriptThread> Last() {
    const List* const own = Find();
    return own == nullptr ? nullptr : own->back();
  }

  static bool Add(std::shared_ptr<JavaScriptThread> thread) {
    if (List* const own = Find(); own != nullptr) {
      own->push_back(std::move(thread));
      return true;
    }
    auto own = std::make_unique<List>();
    own->push_back(std::move(thread));
    if (!Key::Get().is_made || pthread_setspecific(Key::Get().key, own.get()) != 0) return false;
    // The thread has it now.
    // NOLINTNEXTLINE(bugprone-unused-return-value)
    static_cast<void>(own.release());
    return true;
  }

 private:
  using List = std::vector<std::shared_ptr<JavaScriptThread>>;

  struct Key {
    pthread_key_t key = 0;
    const bool is_made;
    Key() : is_made(pthread_key_create(&key, Delete) == 0) {}

    static const Key& Get() {
      static const Key made;
      return made;
    }
    static void Delete(void* own) { const std::unique_ptr<List> deleted(static_cast<List*>(own)); }
  };

  static List* Find() { return Key::Get().is_made ? static_cast<List*>(pthread_getspecific(Key::Get().key)) : nullptr; }
};

}  // namespace

struct JavaScriptThreads::Request {
  Shared thread;
  ThreadStack stack;
  uint64_t number = 0;  // 0: nobody has been asked
};

JavaScriptThreads& JavaScriptThreads::Get() {
  // Other threads may ask until the process is gone.
  static auto* const threads = new JavaScriptThreads;
  return *threads;
}

bool JavaScriptThreads::Enter(const LoopView& loop) {
  const Shared own = OwnThreads::Last();
  if (own != nullptr && !own->HasLeft()) return false;
  auto entered = std::make_shared<JavaScriptThread>(loop, &news_);
  // What V8 points to would not live as long as it does.
  if (!OwnThreads::Add(entered)) return false;
  {
    const std::scoped_lock locking(lock_);
    threads_.push_back(entered);
  }
  entered->RefreshWatch();
  return true;
}

void JavaScriptThreads::Leave() {
  const Shared own = OwnThreads::Last();
  if (own == nullptr || own->HasLeft()) return;
  {
    const std::scoped_lock locking(lock_);
    std::erase(threads_, own);
  }
  own->Leave();
}

void JavaScriptThreads::Name(int id, std::string name) {
  const Shared own = OwnThreads::Last();
  const std::scoped_lock locking(lock_);
  if (own == nullptr) return;
  own->id = id;
  own->name = std::move(name);
}

std::vector<JavaScriptThreads::Request> JavaScriptThreads::Ask(pid_t only) {
  std::vector<Request> requests;
  const Shared own = OwnThreads::Last();
  const std::scoped_lock locking(lock_);
  for (const auto& thread : threads_) {
    if (only != 0 && thread->tid() != only) continue;
    Request& request = requests.emplace_back(Request{.thread = thread, .stack = thread->Describe()});
    if (thread == own || request.stack.activity == ThreadActivity::kIdle || !thread->CanAnswer()) continue;
    request.stack.activity = ThreadActivity::kNative;
    request.number = thread->Ask();
  }
  // Who waits for others in here does not look for interrupts.
  FutexAdvance(&news_);
  return requests;
}

void JavaScriptThreads::Await(std::vector<Request>* requests, Time deadline, const Condition& given_up) {
  const Shared own = OwnThreads::Last();
  for (Time patience = kFirstLook;; patience = std::min(2 * patience, kLastLook)) {
    const uint32_t news = __atomic_load_n(&news_, __ATOMIC_ACQUIRE);
    if (own != nullptr && own->IsAsked()) own->Answer();
    const bool all = std::ranges::all_of(*requests, [](const Request& request) {
      return request.number == 0 || request.thread->IsDone(request.number);
    });
    const Time rest = deadline - Now();
    if (all || rest <= 0 || given_up()) return;
    FutexWait(&news_, news, std::min(rest, patience));
    for (Request& request : *requests)
      if (request.number != 0 && request.thread->RefreshActivity(&request.stack)) request.number = 0;
  }
}

void JavaScriptThreads::WatchLoops(bool on) {
  const Shared own = OwnThreads::Last();
  {
    const std::scoped_lock locking(lock_);
    watched_ = on;
    // Whose watch is to end sees it at its next poll.
    if (on) {
      for (const auto& thread : threads_)
        if (thread != own) thread->RequestRefresh();
    }
  }
  if (own != nullptr) own->RefreshWatch();
}

void JavaScriptThreads::LookAtLoops(std::vector<LoopLook>* looks) {
  looks->clear();
  const std::scoped_lock locking(lock_);
  for (const auto& thread : threads_) {
    LoopLook look;
    if (thread->Look(&look)) looks->push_back(look);
  }
}

JavaScriptThreads::Shared JavaScriptThreads::Find(pid_t tid) const {
  const auto found = std::ranges::find_if(threads_, [tid](const auto& thread) { return thread->tid() == tid; });
  return found == threads_.end() ? nullptr : *found;
}

bool JavaScriptThreads::IsInPoll(pid_t tid) {
  const std::scoped_lock locking(lock_);
  const Shared thread = Find(tid);
  return thread != nullptr && thread->IsInPoll();
}

void JavaScriptThreads::FindName(pid_t tid, std::string* name) {
  const std::scoped_lock locking(lock_);
  if (const Shared thread = Find(tid); thread != nullptr) *name = thread->name;
}

uint64_t JavaScriptThreads::TurnOf(pid_t tid) {
  const std::scoped_lock locking(lock_);
  const Shared thread = Find(tid);
  return thread == nullptr ? 0 : thread->turn();
}

ThreadActivity JavaScriptThreads::CaptureOne(pid_t tid, Time patience, char* frames, size_t room, long* call) {
  const Time deadline = Now() + patience;
  std::unique_lock locking(lock_, std::try_to_lock);
  if (!locking.owns_lock()) return ThreadActivity::kUnreachable;
  // It outlives the lock.
  const Shared thread = Find(tid);
  if (thread == nullptr) return ThreadActivity::kUnreachable;
  ThreadStack stack;
  if (thread->RefreshActivity(&stack)) return ThreadActivity::kIdle;
  if (!thread->CanAnswer()) return ThreadActivity::kUnreachable;
  const uint64_t request = thread->Ask();
  locking.unlock();
  FutexAdvance(&news_);
  for (Time rest = patience; rest > 0 && !thread->IsDone(request); rest = deadline - Now()) {
    const uint32_t news = __atomic_load_n(&news_, __ATOMIC_ACQUIRE);
    if (!thread->IsDone(request)) FutexWait(&news_, news, rest);
  }
  if (thread->CopyAnswer(request, frames, room)) return ThreadActivity::kRunning;
  const bool is_idle = thread->RefreshActivity(&stack);
  *call = stack.call;
  return is_idle ? ThreadActivity::kIdle : ThreadActivity::kNative;
}

std::vector<ThreadStack> JavaScriptThreads::Capture(Time patience, const Condition& given_up, pid_t only) {
  const Time deadline = Now() + patience;
  std::vector<Request> requests = Ask(only);
  Await(&requests, deadline, given_up);
  const Shared own = OwnThreads::Last();
  std::vector<ThreadStack> stacks;
  for (Request& request : requests) {
    if (request.thread == own) {
      request.stack.frames = request.thread->OwnFrames();
      request.stack.activity = request.thread->CanAnswer() ? ThreadActivity::kRunning : ThreadActivity::kUnreachable;
    } else if (request.number != 0 && request.thread->TakeAnswer(request.number, &request.stack.frames)) {
      request.stack.activity = ThreadActivity::kRunning;
    } else if (request.thread->HasLeft()) {
      continue;
    }
    if (request.stack.activity == ThreadActivity::kNative)
      LookInside(&request.stack, patience > 0 ? kSamplePatience : 0);
    stacks.push_back(std::move(request.stack));
  }
  return stacks;
}

}  // namespace sigkit
