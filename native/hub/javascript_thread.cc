#include "hub/javascript_thread.h"

#include <pthread.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "hub/javascript_threads.h"
#include "hub/stall_monitor.h"
#include "hub/v8_functions.h"
#include "posix/code_names.h"
#include "posix/futex.h"
#include "posix/syscalls.h"

namespace sigkit {
namespace {

// Of a stack of thousands of frames V8 prints each more slowly than the one before, as the collector visits all of
// them: 1,200 frames, 90 KB of them, take 0.1 s, 13,000 take 13.
constexpr intptr_t kPrintedDepth = intptr_t{128} * 1024;

bool IsPoll(long call) {
#ifdef SYS_epoll_wait
  if (call == SYS_epoll_wait) return true;
#endif
  return call == SYS_epoll_pwait;
}

LoopMarks& MarksIn(void* data) { return *static_cast<LoopMarks*>(data); }

constexpr IsolateHooks kHooks = {.entered = [](void*) { StallMonitor::Stir(); },
                                 .collecting =
                                     [](void*, int, int, void* data) {
                                       MarksIn(data).BeginCollection();
                                       StallMonitor::Stir();
                                     },
                                 .collected = [](void*, int, int, void* data) { MarksIn(data).EndCollection(); }};

}  // namespace

JavaScriptThread::JavaScriptThread(const LoopView& loop, uint32_t* news)
    : isolate_(CurrentIsolate()),
      tid_(ThreadId()),
      entered_at_(reinterpret_cast<intptr_t>(__builtin_frame_address(0))),
      loop_(loop),
      news_(news) {
  pthread_getcpuclockid(pthread_self(), &cpu_clock_);
  // Both ask the loader, and a thread may hang in what that is loading.
  HasStacks();
  PrepareNames();
}

ThreadStack JavaScriptThread::Describe() const {
  ThreadStack stack;
  stack.id = id;
  stack.tid = tid_;
  stack.name = name;
  stack.blocked_for = std::max<Time>(Now() - loop_.turn_began(loop_.loop), 0);
  RefreshActivity(&stack);
  return stack;
}

uint64_t JavaScriptThread::Ask() {
  const std::scoped_lock locking(lock_);
  ++wanted_;
  Interrupt();
  return wanted_;
}

void JavaScriptThread::Interrupt() {
  // A second request would fire together with the first.
  if (!std::exchange(queued_, true)) RequestInterrupt(isolate_, OnInterrupt, this);
}

bool JavaScriptThread::RefreshActivity(ThreadStack* stack) const {
  uintptr_t argument = 0;
  stack->call = CallOf(tid_, &argument);
  if (!IsPoll(stack->call) || static_cast<int>(argument) != loop_.descriptor) return false;
  stack->activity = ThreadActivity::kIdle;
  stack->blocked_for = 0;
  return true;
}

bool JavaScriptThread::Look(LoopLook* look) const {
  if (!is_watched_) return false;
  const bool is_idle = IsInPoll();
  const Time idle = loop_.idle_time(loop_.loop);
  const Time now = Now();
  *look = {.tid = tid_,
           .id = id,
           .is_idle = is_idle,
           .at = now,
           .work = now - idle,
           .cpu = ReadClock(cpu_clock_),
           .collected = marks_.Collected(now),
           .turn = marks_.turn(),
           .last_long = marks_.last_long()};
  return true;
}

bool JavaScriptThread::IsInPoll() const {
  // That goes on between the two.
  const Time before = loop_.idle_time(loop_.loop);
  return loop_.idle_time(loop_.loop) > before;
}

void JavaScriptThread::RequestRefresh() {
  if (!CanAnswer()) return;
  const std::scoped_lock locking(lock_);
  Interrupt();
}

void JavaScriptThread::RefreshWatch() {
  const bool wanted = JavaScriptThreads::Get().are_watched() && !HasLeft();
  if (wanted && pulse_ == nullptr) OpenPulse();
  if (!wanted && pulse_ != nullptr) ClosePulse();
}

void JavaScriptThread::OpenPulse() {
  pulse_ = loop_.open_pulse(loop_.loop, this);
  if (pulse_ == nullptr) return;
  marks_.Begin(Work());
  if (HasHooks()) AddHooks(isolate_, kHooks, &marks_);
  is_watched_ = true;
  StallMonitor::Get().OnChange();
}

void JavaScriptThread::ClosePulse() {
  is_watched_ = false;
  if (HasHooks()) RemoveHooks(isolate_, kHooks, &marks_);
  loop_.close_pulse(std::exchange(pulse_, nullptr));
}

void JavaScriptThread::OnPoll() {
  if (marks_.BeginTurn(Work(), StallMonitor::shortest_threshold())) StallMonitor::Get().OnChange();
  if (!JavaScriptThreads::Get().are_watched()) RefreshWatch();
}

void JavaScriptThread::Leave() {
  {
    const std::scoped_lock locking(lock_);
    left_ = true;
  }
  RefreshWatch();
  FutexAdvance(news_);
}

bool JavaScriptThread::HasLeft() {
  const std::scoped_lock locking(lock_);
  return left_;
}

bool JavaScriptThread::CanAnswer() const { return isolate_ != nullptr && HasStacks(); }

bool JavaScriptThread::IsAsked() {
  const std::scoped_lock locking(lock_);
  return answered_ != wanted_;
}

std::string JavaScriptThread::OwnFrames() const {
  // By the address of a variable.
  const char here = 0;
  const auto depth = std::abs(reinterpret_cast<intptr_t>(&here) - entered_at_);
  return CanAnswer() && depth < kPrintedDepth ? CurrentStack(isolate_) : std::string();
}

void JavaScriptThread::Answer() {
  std::string text = OwnFrames();
  {
    const std::scoped_lock locking(lock_);
    text_ = std::move(text);
    answered_ = wanted_;
  }
  FutexAdvance(news_);
}

bool JavaScriptThread::TakeAnswer(uint64_t request, std::string* text) {
  const std::scoped_lock locking(lock_);
  if (answered_ < request) return false;
  *text = text_;
  return true;
}

bool JavaScriptThread::CopyAnswer(uint64_t request, char* text, size_t room) {
  const std::scoped_lock locking(lock_);
  if (answered_ < request) return false;
  text[text_.copy(text, room - 1)] = '\0';
  return true;
}

bool JavaScriptThread::IsDone(uint64_t request) {
  const std::scoped_lock locking(lock_);
  return left_ || answered_ >= request;
}

void JavaScriptThread::OnInterrupt(void*, void* self) {
  auto* thread = static_cast<JavaScriptThread*>(self);
  {
    const std::scoped_lock locking(thread->lock_);
    thread->queued_ = false;
  }
  thread->RefreshWatch();
  if (thread->IsAsked()) thread->Answer();
}

}  // namespace sigkit
