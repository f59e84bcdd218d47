#include "hub/javascript_threads.h"

#include <pthread.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "hub/v8_functions.h"
#include "posix/futex.h"
#include "posix/syscalls.h"

namespace sigkit {
namespace {

// How soon to look whether who was busy has become idle instead of answering.
constexpr Time kFirstLook = kMillisecond;
constexpr Time kLastLook = 16 * kMillisecond;
// Of a stack of thousands of frames V8 prints each more slowly than the one before, as the collector visits all of
// them: 1,200 frames, 90 KB of them, take 0.1 s, 13,000 take 13.
constexpr intptr_t kPrintedDepth = intptr_t{128} * 1024;

void Publish(uint32_t* word) {
  __atomic_fetch_add(word, 1, __ATOMIC_ACQ_REL);
  FutexWake(word);
}

bool IsPoll(long call) {
#ifdef SYS_epoll_wait
  if (call == SYS_epoll_wait) return true;
#endif
  return call == SYS_epoll_pwait;
}

}  // namespace

// V8 keeps a pointer to it until it has called, or the isolate is gone: so it lives as long as the thread, at least.
class JavaScriptThreads::Thread {
 public:
  Thread(const LoopView& loop, uint32_t* news)
      : isolate_(CurrentIsolate()),
        tid_(ThreadId()),
        entered_at_(reinterpret_cast<intptr_t>(__builtin_frame_address(0))),
        loop_(loop),
        news_(news) {}

  // These two under the lock of the list, so that the isolate and the loop are still there.
  ThreadStack Describe() const {
    ThreadStack stack;
    stack.id = id;
    stack.tid = tid_;
    stack.name = name;
    stack.blocked_for = std::max<Time>(Now() - loop_.turn_began(loop_.loop), 0);
    RefreshActivity(&stack);
    return stack;
  }

  // Whether it is idle by now: then it answers when something happens, and not before.
  bool RefreshActivity(ThreadStack* stack) const {
    uintptr_t argument = 0;
    stack->call = CallOf(tid_, &argument);
    if (!IsPoll(stack->call) || static_cast<int>(argument) != loop_.descriptor) return false;
    stack->activity = ThreadActivity::kIdle;
    stack->blocked_for = 0;
    return true;
  }

  // What an answer must have reached.
  uint64_t Ask() {
    const std::scoped_lock locking(lock_);
    ++wanted_;
    // A second request would fire together with the first.
    if (!std::exchange(queued_, true)) RequestInterrupt(isolate_, OnInterrupt, this);
    return wanted_;
  }

  // Its environment ends, and nobody asks it any more.
  void Leave() {
    {
      const std::scoped_lock locking(lock_);
      left_ = true;
    }
    Publish(news_);
  }

  bool can_answer() const { return isolate_ != nullptr && HasStacks(); }

  bool IsAsked() {
    const std::scoped_lock locking(lock_);
    return answered_ != wanted_;
  }

  // These two on the thread itself.
  std::string OwnFrames() const {
    // By the address of a variable.
    const char here = 0;
    const auto depth = std::abs(reinterpret_cast<intptr_t>(&here) - entered_at_);
    return can_answer() && depth < kPrintedDepth ? CurrentStack(isolate_) : std::string();
  }

  void Answer() {
    std::string text = OwnFrames();
    {
      const std::scoped_lock locking(lock_);
      text_ = std::move(text);
      answered_ = wanted_;
    }
    Publish(news_);
  }

  bool HasLeft() {
    const std::scoped_lock locking(lock_);
    return left_;
  }

  // False if it has not answered that.
  bool TakeAnswer(uint64_t request, std::string* text) {
    const std::scoped_lock locking(lock_);
    if (answered_ < request) return false;
    *text = text_;
    return true;
  }

  // As TakeAnswer, but no more of it than there is room for.
  bool CopyAnswer(uint64_t request, char* text, size_t room) {
    const std::scoped_lock locking(lock_);
    if (answered_ < request) return false;
    text[text_.copy(text, room - 1)] = '\0';
    return true;
  }

  bool IsDone(uint64_t request) {
    const std::scoped_lock locking(lock_);
    return left_ || answered_ >= request;
  }

  pid_t tid() const { return tid_; }

  // Under the lock of the list.
  int id = 0;
  std::string name;

 private:
  static void OnInterrupt(void*, void* data) {
    auto* self = static_cast<Thread*>(data);
    {
      const std::scoped_lock locking(self->lock_);
      self->queued_ = false;
    }
    if (self->IsAsked()) self->Answer();
  }

  void* const isolate_;
  const pid_t tid_;
  const intptr_t entered_at_;  // on its stack
  const LoopView loop_;
  uint32_t* const news_;
  std::mutex lock_;
  uint64_t wanted_ = 0;
  uint64_t answered_ = 0;
  bool queued_ = false;  // V8 will call
  bool left_ = false;
  std::string text_;
};

struct JavaScriptThreads::Request {
  std::shared_ptr<Thread> thread;
  ThreadStack stack;
  uint64_t number = 0;  // 0: nobody has been asked
};

JavaScriptThreads& JavaScriptThreads::Get() {
  // Other threads may ask until the process is gone.
  static auto* const threads = new JavaScriptThreads;
  return *threads;
}

// By a key and not thread_local, which would need glibc's own loader: one binary serves musl, too.
struct JavaScriptThreads::OwnKey {
  pthread_key_t key = 0;
  bool is_made;
  OwnKey() : is_made(pthread_key_create(&key, Delete) == 0) {}

  static void Delete(void* own) { const std::unique_ptr<Owned> deleted(static_cast<Owned*>(own)); }
  using Owned = std::shared_ptr<Thread>;

  static const OwnKey& Get() {
    static const OwnKey key;
    return key;
  }
};

std::shared_ptr<JavaScriptThreads::Thread> JavaScriptThreads::Own() {
  const OwnKey& own = OwnKey::Get();
  const auto* thread = own.is_made ? static_cast<OwnKey::Owned*>(pthread_getspecific(own.key)) : nullptr;
  return thread == nullptr ? nullptr : *thread;
}

bool JavaScriptThreads::SetOwn(std::shared_ptr<Thread> thread) {
  const OwnKey& own = OwnKey::Get();
  auto owned = std::make_unique<OwnKey::Owned>(std::move(thread));
  if (!own.is_made) return false;
  const std::unique_ptr<OwnKey::Owned> before(static_cast<OwnKey::Owned*>(pthread_getspecific(own.key)));
  if (pthread_setspecific(own.key, owned.get()) != 0) return false;
  // The thread has it now.
  // NOLINTNEXTLINE(bugprone-unused-return-value)
  static_cast<void>(owned.release());
  return true;
}

bool JavaScriptThreads::Enter(const LoopView& loop) {
  const std::shared_ptr<Thread> own = Own();
  if (own != nullptr && !own->HasLeft()) return false;
  auto entered = std::make_shared<Thread>(loop, &news_);
  // What V8 points to would not live as long as it does.
  if (!SetOwn(entered)) return false;
  const std::scoped_lock locking(lock_);
  threads_.push_back(std::move(entered));
  return true;
}

void JavaScriptThreads::Leave() {
  const std::shared_ptr<Thread> own = Own();
  if (own == nullptr || own->HasLeft()) return;
  {
    const std::scoped_lock locking(lock_);
    std::erase(threads_, own);
  }
  own->Leave();
}

void JavaScriptThreads::Name(int id, std::string name) {
  const std::shared_ptr<Thread> own = Own();
  const std::scoped_lock locking(lock_);
  if (own == nullptr) return;
  own->id = id;
  own->name = std::move(name);
}

std::vector<JavaScriptThreads::Request> JavaScriptThreads::AskAll() {
  std::vector<Request> requests;
  const std::shared_ptr<Thread> own = Own();
  const std::scoped_lock locking(lock_);
  for (const auto& thread : threads_) {
    Request& request = requests.emplace_back(Request{.thread = thread, .stack = thread->Describe()});
    if (thread == own || request.stack.activity == ThreadActivity::kIdle || !thread->can_answer()) continue;
    request.stack.activity = ThreadActivity::kNative;
    request.number = thread->Ask();
  }
  // Who waits for others in here does not look for interrupts.
  Publish(&news_);
  return requests;
}

void JavaScriptThreads::Await(std::vector<Request>* requests, Time deadline) {
  const std::shared_ptr<Thread> own = Own();
  for (Time patience = kFirstLook;; patience = std::min(2 * patience, kLastLook)) {
    const uint32_t news = __atomic_load_n(&news_, __ATOMIC_ACQUIRE);
    if (own != nullptr && own->IsAsked()) own->Answer();
    const bool all = std::ranges::all_of(*requests, [](const Request& request) {
      return request.number == 0 || request.thread->IsDone(request.number);
    });
    const Time rest = deadline - Now();
    if (all || rest <= 0) return;
    FutexWait(&news_, news, std::min(rest, patience));
    for (Request& request : *requests)
      if (request.number != 0 && request.thread->RefreshActivity(&request.stack)) request.number = 0;
  }
}

ThreadActivity JavaScriptThreads::CaptureOne(pid_t tid, Time patience, char* frames, size_t room, long* call) {
  const Time deadline = Now() + patience;
  std::unique_lock locking(lock_, std::try_to_lock);
  if (!locking.owns_lock()) return ThreadActivity::kUnreachable;
  const auto found = std::ranges::find_if(threads_, [tid](const auto& thread) { return thread->tid() == tid; });
  if (found == threads_.end()) return ThreadActivity::kUnreachable;
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): it outlives the lock
  const std::shared_ptr<Thread> thread = *found;
  ThreadStack stack;
  if (thread->RefreshActivity(&stack)) return ThreadActivity::kIdle;
  if (!thread->can_answer()) return ThreadActivity::kUnreachable;
  const uint64_t request = thread->Ask();
  locking.unlock();
  Publish(&news_);
  for (Time rest = patience; rest > 0 && !thread->IsDone(request); rest = deadline - Now()) {
    const uint32_t news = __atomic_load_n(&news_, __ATOMIC_ACQUIRE);
    if (!thread->IsDone(request)) FutexWait(&news_, news, rest);
  }
  if (thread->CopyAnswer(request, frames, room)) return ThreadActivity::kRunning;
  const bool is_idle = thread->RefreshActivity(&stack);
  *call = stack.call;
  return is_idle ? ThreadActivity::kIdle : ThreadActivity::kNative;
}

std::vector<ThreadStack> JavaScriptThreads::Capture(Time patience) {
  const Time deadline = Now() + patience;
  std::vector<Request> requests = AskAll();
  Await(&requests, deadline);
  const std::shared_ptr<Thread> own = Own();
  std::vector<ThreadStack> stacks;
  for (Request& request : requests) {
    if (request.thread == own) {
      request.stack.frames = request.thread->OwnFrames();
      request.stack.activity = request.thread->can_answer() ? ThreadActivity::kRunning : ThreadActivity::kUnreachable;
    } else if (request.number != 0 && request.thread->TakeAnswer(request.number, &request.stack.frames)) {
      request.stack.activity = ThreadActivity::kRunning;
    } else if (request.thread->HasLeft()) {
      continue;
    }
    if (request.stack.activity == ThreadActivity::kNative) request.stack.place = KernelPlaceOf(request.stack.tid);
    stacks.push_back(std::move(request.stack));
  }
  return stacks;
}

}  // namespace sigkit
