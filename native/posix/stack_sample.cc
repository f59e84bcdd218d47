#include "posix/stack_sample.h"

#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>

#include "posix/futex.h"
#include "posix/signal_set.h"
#include "posix/syscalls.h"
#include "posix/thread_status.h"

namespace sigkit {
namespace {

// kAbandoned: nobody waits any more, but the thread is in its handler.
enum SlotState : uint32_t { kFree, kAsked, kWriting, kDone, kAbandoned };

// A request to one thread. They are never freed: a thread may stop in the midst of its answer, and go on at any later
// moment. No page of theirs is used before.
struct Slot {
  uint32_t state = kFree;
  const uint8_t* tag = nullptr;  // which request this is: an address within the sample
  StackSample sample;

  [[gnu::always_inline]] bool Owns(const void* value) const {
    const auto offset = reinterpret_cast<uintptr_t>(value) - reinterpret_cast<uintptr_t>(sample.bytes);
    return offset < StackSample::kSize;
  }
};

constexpr int kSlots = 4;
Slot slots[kSlots];
std::mutex lock;
size_t requests = 0;
// Nothing on Linux sends it (signal(7)), and it is none of those that the broadcast of masks may take at the same time.
constexpr int kSigno = SIGSTKFLT;
bool is_installed = false;
// A signal may still be under way: the handler has to stay for good.
bool is_needed = false;

// Async-signal-safe from here to OnSampleSignal's end.

// By a call, as it fails where memory cannot be read; page by page, as what can be read is read then.
__attribute__((no_sanitize("thread", "address", "undefined"))) void CopyStack(StackSample* sample) {
  constexpr size_t kPage = 4096;
  constexpr size_t kPages = StackSample::kSize / kPage;
  iovec pages[kPages];
  // Functions that call nothing use what is below the stack pointer, too: the red zone of x64.
  constexpr uintptr_t kRedZone = 128;
  const uintptr_t start = sample->registers.values[Registers::kStack] - kRedZone;
  uintptr_t at = start;
  for (iovec& page : pages) {
    const size_t size = kPage - at % kPage;
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    page = {reinterpret_cast<void*>(at), size};
    at += size;
  }
  const iovec own = {sample->bytes, at - start};
  const long got = syscall(SYS_process_vm_readv, getpid(), &own, 1, pages, kPages, 0);
  sample->start = start;
  sample->size = got < 0 ? 0 : static_cast<size_t>(got);
}

__attribute__((no_sanitize("thread", "address", "undefined"))) void CopyRegisters(const void* context,
                                                                                  Registers* registers) {
  const mcontext_t& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#ifdef __x86_64__
  constexpr int kOrder[] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP,
                            REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
  int number = 0;
  for (const int index : kOrder) registers->Set(number++, static_cast<uint64_t>(machine.gregs[index]));
  registers->pc = static_cast<uint64_t>(machine.gregs[REG_RIP]);
#else
  for (int number = 0; number < Registers::kStack; ++number) registers->Set(number, machine.regs[number]);
  registers->Set(Registers::kStack, machine.sp);
  registers->pc = machine.pc;
#endif
}

__attribute__((no_sanitize("thread", "address", "undefined"))) bool Move(Slot* slot, uint32_t from, uint32_t to) {
  return __atomic_compare_exchange_n(&slot->state, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

__attribute__((no_sanitize("thread", "address", "undefined"))) bool Answer(const siginfo_t* info, const void* context) {
  const void* const value = info->si_value.sival_ptr;
  for (Slot& slot : slots) {
    if (!slot.Owns(value)) continue;
    if (__atomic_load_n(&slot.tag, __ATOMIC_ACQUIRE) != value || !Move(&slot, kAsked, kWriting)) return true;
    CopyRegisters(context, &slot.sample.registers);
    CopyStack(&slot.sample);
    if (!Move(&slot, kWriting, kDone)) __atomic_store_n(&slot.state, kFree, __ATOMIC_RELEASE);
    FutexWake(&slot.state);
    return true;
  }
  return false;
}

__attribute__((no_sanitize("thread", "address", "undefined"))) void OnSampleSignal(int signo, siginfo_t* info,
                                                                                   void* context) {
  const int saved_errno = errno;
  if (info->si_code != SI_TIMER || !Answer(info, context)) {
    // The default action is what there was.
    ChangeAction(signo, DefaultAction(), nullptr);
    SendToThread(ThreadId(), signo);
  }
  errno = saved_errno;
}

bool IsOurs(const KernelSigaction& action) { return action.handler == reinterpret_cast<void*>(OnSampleSignal); }

// Only in the place of the default action, so that nobody's handler is ever displaced.
bool InstallHandler() {
  KernelSigaction action;
  if (ReadAction(kSigno, &action) != 0) return false;
  if (IsOurs(action)) return is_installed = true;
  if (!IsDefault(action)) return false;
  const KernelSigaction ours = HandlerAction(OnSampleSignal, SA_ONSTACK | SA_RESTART, SignalSet::All());
  return is_installed = ChangeAction(kSigno, ours, nullptr) == 0;
}

void RestoreHandler() {
  KernelSigaction action;
  if (is_needed || !is_installed) return;
  if (ReadAction(kSigno, &action) == 0 && IsOurs(action)) ChangeAction(kSigno, DefaultAction(), nullptr);
  is_installed = false;
}

// A timer of the processor time of one thread. Its signal is made when that thread returns from the tick that finds the
// time spent, so it meets a thread that runs: never one on its way into a system call, which tgkill(2) could meet
// between a look and its signal.
class RunTimer {
 public:
  RunTimer(pid_t tid, const void* tag) {
    // As pthread_getcpuclockid(3) makes it.
    constexpr clockid_t kThreadClock = 6;
    const clockid_t clock = ~tid * 8 | kThreadClock;
    sigevent event = {};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = kSigno;
    event.sigev_value.sival_ptr = const_cast<void*>(tag);
    // What libc calls sigev_notify_thread_id, or does not.
    memcpy(reinterpret_cast<char*>(&event) + kThreadIdOffset, &tid, sizeof(tid));
    if (syscall(SYS_timer_create, clock, &event, &id_) != 0) return;
    is_made_ = true;
    Set(1, nullptr);
  }
  ~RunTimer() {
    if (!is_made_) return;
    syscall(SYS_timer_delete, id_);
  }
  RunTimer(const RunTimer&) = delete;
  RunTimer& operator=(const RunTimer&) = delete;

  bool is_made() const { return is_made_; }
  // From then on it sends nothing. False: it has done so, to a thread that is still there.
  bool Stop() {
    itimerspec before = {};
    return !Set(0, &before) || before.it_value.tv_sec != 0 || before.it_value.tv_nsec != 0;
  }

 private:
  static constexpr size_t kThreadIdOffset = sizeof(sigval) + 2 * sizeof(int);

  // False: the thread has ended.
  bool Set(long nanoseconds, itimerspec* before) {
    const itimerspec when = {{0, 0}, {0, nanoseconds}};
    return syscall(SYS_timer_settime, id_, 0, &when, before) == 0;
  }

  int id_ = 0;
  bool is_made_ = false;
};

Slot* FreeSlot() {
  for (Slot& slot : slots) {
    if (__atomic_load_n(&slot.state, __ATOMIC_ACQUIRE) == kFree) return &slot;
  }
  return nullptr;
}

// Who goes to sleep instead is not waited for.
void AwaitAnswer(const Slot& slot, pid_t tid, Time patience) {
  constexpr Time kLook = 5 * kMillisecond;
  const Time deadline = Now() + patience;
  for (Time rest = patience; rest > 0; rest = deadline - Now()) {
    const uint32_t state = __atomic_load_n(&slot.state, __ATOMIC_ACQUIRE);
    if (state == kDone) return;
    FutexWait(&slot.state, state, std::min(rest, kLook));
    uintptr_t stack = 0;
    uintptr_t place = 0;
    if (state == kAsked && RestOf(tid, &stack, &place) != Rest::kAwake) return;
  }
}

void ReleaseAnswers() {
  for (Slot& slot : slots) Move(&slot, kDone, kFree);
}

const StackSample* OfRunning(pid_t tid, Time patience) {
  ThreadStatus status;
  if (patience <= 0 || ReadThreadStatus(tid, &status) != 0 || status.blocked.Has(kSigno)) return nullptr;
  Slot* const slot = FreeSlot();
  if (slot == nullptr || !InstallHandler()) return nullptr;
  const uint8_t* const tag = slot->sample.bytes + ++requests % StackSample::kSize;
  slot->sample.registers.known = 0;
  __atomic_store_n(&slot->tag, tag, __ATOMIC_RELEASE);
  __atomic_store_n(&slot->state, kAsked, __ATOMIC_RELEASE);
  RunTimer timer(tid, tag);
  if (timer.is_made()) AwaitAnswer(*slot, tid, patience);
  const bool is_stopped = !timer.is_made() || timer.Stop();
  if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == kDone) return &slot->sample;
  if (Move(slot, kAsked, kFree)) {
    is_needed |= !is_stopped;
  } else if (!Move(slot, kWriting, kAbandoned)) {
    return &slot->sample;
  }
  return nullptr;
}

const StackSample* OfSleeping(pid_t tid, uintptr_t stack, uintptr_t place) {
  static StackSample sample;
  sample.registers.known = 0;
  sample.registers.Set(Registers::kStack, stack);
  sample.registers.pc = place;
  CopyStack(&sample);
  // What it is in by now may be another call.
  uintptr_t stack_now = 0;
  uintptr_t place_now = 0;
  const bool sleeps = RestOf(tid, &stack_now, &place_now) == Rest::kAsleep;
  return sleeps && stack_now == stack && place_now == place ? &sample : nullptr;
}

}  // namespace

bool StackSample::Read(uintptr_t address, uint64_t* word) const {
  if (address < start || address - start > kSize || address - start + sizeof(*word) > size) return false;
  memcpy(word, bytes + (address - start), sizeof(*word));
  return true;
}

StackSampler::StackSampler() { lock.lock(); }

StackSampler::~StackSampler() {
  ReleaseAnswers();
  RestoreHandler();
  lock.unlock();
}

const StackSample* StackSampler::Take(pid_t tid, Time patience) {
  ReleaseAnswers();
  uintptr_t stack = 0;
  uintptr_t place = 0;
  if (RestOf(tid, &stack, &place) == Rest::kAwake) {
    const StackSample* const running = OfRunning(tid, patience);
    if (running != nullptr) return running;
  }
  return RestOf(tid, &stack, &place) == Rest::kAsleep ? OfSleeping(tid, stack, place) : nullptr;
}

}  // namespace sigkit
