// The native parts without Node, for what no Node can be had for: `driver` lists its cases, `driver CASE` runs one. A
// failed one names its line and ends with 1; one that hangs is ended by SIGALRM.
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "hub/hub.h"
#include "hub/spawner.h"
#include "hub/waiter.h"
#include "posix/catcher.h"
#include "posix/caught_notes.h"
#include "posix/child_wait.h"
#include "posix/futex.h"
#include "posix/libc_signals.h"
#include "posix/loaded_code.h"
#include "posix/mask_broadcast.h"
#include "posix/pidfd.h"
#include "posix/process_stat.h"
#include "posix/quiet_thread.h"
#include "posix/send.h"
#include "posix/signal_names.h"
#include "posix/syscalls.h"
#include "posix/thread_status.h"
#include "posix/unwind_table.h"

namespace sigkit {
namespace {

constexpr unsigned kDeadlineSeconds = 20;
constexpr int64_t kSlice = kSecond / 100;
constexpr uint64_t kWideValue = 0x1234'5678'9abc'def0;
const int kQueued = SIGRTMIN + 1;

void Check(bool holds, const char* what, int line = __builtin_LINE()) {
  if (holds) return;
  fprintf(stderr, "line %d: not so: %s\n", line, what);
  _exit(1);
}

// A thread that stays until the object ends.
class Stay {
 public:
  explicit Stay(int (*start)(pthread_t*, void* (*)(void*), void*)) {
    Check(start(&thread_, Run, this) == 0, "a thread starts");
    while (__atomic_load_n(&tid_, __ATOMIC_ACQUIRE) == 0) FutexWait(&ended_, 0, kSlice);
  }
  ~Stay() {
    __atomic_store_n(&ended_, 1, __ATOMIC_RELEASE);
    FutexWake(&ended_);
    pthread_join(thread_, nullptr);
  }
  Stay(const Stay&) = delete;
  Stay& operator=(const Stay&) = delete;
  pid_t tid() const { return __atomic_load_n(&tid_, __ATOMIC_ACQUIRE); }
  SignalSet MaskNow() const {
    ThreadStatus status;
    Check(ReadThreadStatus(tid(), &status) == 0, "the thread's status is read");
    return status.blocked;
  }

 private:
  static void* Run(void* self) {
    auto* stay = static_cast<Stay*>(self);
    __atomic_store_n(&stay->tid_, ThreadId(), __ATOMIC_RELEASE);
    while (__atomic_load_n(&stay->ended_, __ATOMIC_ACQUIRE) == 0) FutexWait(&stay->ended_, 0, kSlice);
    return nullptr;
  }
  pthread_t thread_ = {};
  pid_t tid_ = 0;
  uint32_t ended_ = 0;
};

int StartPlain(pthread_t* thread, void* (*run)(void*), void* argument) {
  return -pthread_create(thread, nullptr, run, argument);
}

void Masks() {
  const SignalSet wanted = SignalSet::Of(SIGUSR1) | SignalSet::Of(kQueued);
  SignalSet before;
  SignalSet now;
  Check(ChangeMask(MaskHow::kBlock, wanted, &before) == 0 && ReadMask(&now) == 0, "the mask is changed");
  Check(now == (before | wanted), "it has what was asked for");
  Check(ChangeMask(MaskHow::kSet, before, nullptr) == 0 && ReadMask(&now) == 0 && now == before, "it is put back");
}

void Names() {
  Check(SignalNumber("rtmin+1", SIGRTMIN) == kQueued, "RTMIN is counted from");
  Check(strcmp(SignalName(SIGRTMIN, SIGRTMIN).c_str(), "SIGRTMIN") == 0, "SIGRTMIN is named");
  Check(!LibcSignals().Has(SIGRTMIN) && LibcSignals().Has(SIGRTMIN - 1), "what is below is libc's");
}

// setuid(2) of libc waits until every thread has done the same.
void LibcsOwn() {
  // With its first thread musl unblocks them.
  const Stay first(StartPlain);
  const Stay quiet(StartQuietThread);
  Check((quiet.MaskNow() & LibcSignals()).Empty(), "a quiet thread blocks none of libc's signals");
  Check(quiet.MaskNow().Has(SIGTERM), "it blocks others");
  Check(setuid(getuid()) == 0, "setuid comes back");
}

class Sink final : public SignalSink {
 public:
  SignalSet WaitSet() override { return SignalSet::Of(kQueued); }
  void Deliver(const siginfo_t& info) override { Take(info); }
  size_t TakePending() override {
    siginfo_t info;
    const timespec now = {};
    if (TimedWait(WaitSet(), &info, &now) <= 0) return 0;
    Take(info);
    return 1;
  }
  void TakeCaught() override {}
  Time NextTime() override { return kNever; }
  void OnTime(Time) override {}
  void Take(const siginfo_t& info) {
    Check(info.si_pid == getpid() && info.si_code == SI_QUEUE, "it is known who has sent it");
    memcpy(&value, &info.si_value, sizeof(value));
    __atomic_store_n(&count, count + 1, __ATOMIC_RELEASE);
    FutexWake(&count);
  }
  uint64_t value = 0;
  uint32_t count = 0;
};

void WaiterTakesQueued() {
  ChangeMask(MaskHow::kBlock, SignalSet::Of(kQueued), nullptr);
  Sink sink;
  Waiter waiter(&sink);
  Check(waiter.Start() == 0, "the waiter starts");
  Check(Queue(getpid(), kQueued, kWideValue) == 0, "a value is queued");
  while (__atomic_load_n(&sink.count, __ATOMIC_ACQUIRE) == 0) FutexWait(&sink.count, 0, kSlice);
  Check(sink.value == kWideValue, "all 64 bits of the value come");
  Check(setuid(getuid()) == 0, "setuid comes back beside the waiter");
  waiter.Stop();
}

void CatcherNotes() {
  SetCatcherRing([] {});
  SetCatcherMask(SignalSet::Of(kQueued), SIGFPE);
  Check(InstallCatcher(kQueued) == 0, "the catcher is installed");
  Check(Queue(getpid(), kQueued, kWideValue) == 0, "a value is queued");
  CaughtSignal caught;
  while (!TakeNote(&caught)) poll(nullptr, 0, 1);
  uint64_t value = 0;
  memcpy(&value, &caught.info.si_value, sizeof(value));
  SignalSet mask;
  Check(value == kWideValue && caught.info.si_signo == kQueued, "the catcher has noted it");
  Check(ReadMask(&mask) == 0 && mask.Has(kQueued), "it has closed the thread that it met");
  Check(RemoveCatcher(kQueued) == 0, "the catcher is removed");
}

class BlockEverywhere final : public MaskPlan {
 public:
  MaskChange For(pid_t, SignalSet) override { return {.clear = {}, .set = SignalSet::Of(kQueued), .has = {}}; }
  void Applied(pid_t, SignalSet, SignalSet, bool) override {}
  SignalSet Managed(pid_t, SignalSet) override { return SignalSet::Of(kQueued); }
  bool BlocksOnlyBriefly(pid_t tid) override { return tid == getpid(); }
  std::vector<pid_t> KnownThreads() override { return {}; }
};

void MasksOfOthers() {
  const Stay one(StartPlain);
  const Stay other(StartPlain);
  BlockEverywhere plan;
  MaskBroadcast broadcast;
  const MaskReport report = broadcast.Run(plan, 0, Reach::kCertain);
  Check(report.error == 0 && report.unreachable.empty() && report.updated == 2, "both threads have answered");
  Check(one.MaskNow().Has(kQueued) && other.MaskNow().Has(kQueued), "and block the signal");
}

SpawnRequest ShellRequest(const char* script) {
  SpawnRequest request;
  request.files = {"/bin/sh"};
  request.arguments = {"sh", "-c", script};
  request.descriptors = {0, 1, 2};
  request.group = 0;
  return request;
}

int EndOf(pid_t pid) {
  ChildState state;
  int taken = 0;
  while ((taken = TakeChildState(pid, 0, &state)) == 0) poll(nullptr, 0, 1);
  Check(taken == pid, "the child is reaped");
  return state.status;
}

void Spawns() {
  int error = 0;
  const auto birth = Spawner::Get().Spawn(ShellRequest("exit 7"), &error);
  Check(error == 0 && birth->error().error == 0, "a child is made");
  const UniqueFd pidfd = birth->TakePidfd();
  // Under qemu-user a vfork does not wait: only a child that has ended has surely left this process's group.
  pollfd file = {pidfd.get(), POLLIN, 0};
  Check(poll(&file, 1, -1) == 1, "its end is told");
  ProcessStat stat;
  Check(ReadProcessStat(birth->pid(), &stat) == 0, "its stat is read");
  Check(stat.numbers[kParent] == getpid() && stat.numbers[kProcessGroup] == birth->pid(),
        "it leads a group of its own");
  Check(EndOf(birth->pid()) == 7 << 8, "its exit code comes");
  Spawner::Get().Stop();
}

void SpawnFails() {
  SpawnRequest request = ShellRequest("");
  request.files = {"/nowhere"};
  int error = 0;
  const auto birth = Spawner::Get().Spawn(request, &error);
  Check(error == 0 && birth->error().error == -ENOENT && birth->error().step == SpawnStep::kExec,
        "exec's error is told");
  Spawner::Get().Stop();
}

// The root is no cgroup, whether the kernel is asked for a birth in it, or (before 5.7) the child writes itself there.
void CgroupFails() {
  const UniqueFd root(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  SpawnRequest request = ShellRequest("");
  request.cgroup = root.get();
  int error = 0;
  const auto birth = Spawner::Get().Spawn(request, &error);
  const BirthError told = birth->error();
  const bool by_kernel = told.step == SpawnStep::kCgroup && told.error == -EBADF;
  const bool by_child = told.step == SpawnStep::kEnterCgroup && told.error == -ENOENT;
  Check(error == 0 && birth->pid() == 0 && (by_kernel || by_child), "there is no child outside of its cgroup");
  Spawner::Get().Stop();
}

// Where there is one of v2 that may be changed.
void Cgroup() {
  std::array<char, 256> folder = {};
  bool is_made = false;
  for (const char* root : {"/sys/fs/cgroup/unified", "/sys/fs/cgroup"}) {
    if (is_made) break;
    snprintf(folder.data(), folder.size(), "%s/sigkit-driver-%d", root, getpid());
    is_made = mkdir(folder.data(), 0755) == 0;
  }
  if (!is_made) return;
  const UniqueFd opened(open(folder.data(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::array<char, 256> script = {};
  snprintf(script.data(), script.size(),
           "while read -r at; do case $at in 0::*/sigkit-driver-%d) exit 0;; esac; done < /proc/self/cgroup; exit 1",
           getpid());
  SpawnRequest request = ShellRequest(script.data());
  request.cgroup = opened.get();
  int error = 0;
  const auto birth = Spawner::Get().Spawn(request, &error);
  const bool is_v2 = birth->error().error == 0;
  if (is_v2) Check(EndOf(birth->pid()) == 0, "the child is in its cgroup");
  Check(rmdir(folder.data()) == 0, "the cgroup is left empty");
  Spawner::Get().Stop();
}

void ForkedAndPidfd() {
  const pid_t pid = fork();
  if (pid == 0) {
    for (;;) pause();
  }
  const UniqueFd pidfd(OpenPidfd(pid));
  ProcessStat stat;
  Check(pidfd.get() >= 0, "a pidfd is opened");
  Check(ReadProcessStat(pid, &stat) == 0 && stat.numbers[kParent] == getpid(), "the child's parent is this process");
  Check(SignalPidfd(pidfd.get(), SIGTERM, std::nullopt) == 0, "the child is signalled");
  pollfd file = {pidfd.get(), POLLIN, 0};
  Check(poll(&file, 1, -1) == 1, "its end is told");
  ChildState state;
  Check(PeekPidfdExit(pidfd.get(), &state) == pid && state.status == SIGTERM, "how it ended is told");
  Check(EndOf(pid) == SIGTERM, "and again when it is reaped");
}

class Reader final : public Session {
 public:
  void Wake() override {}
  int Watch(int) override { return 0; }
  uint32_t Unwatch(int) override { return 0; }
};

void Claims() {
  const Stay other(StartPlain);
  Reader reader;
  Hub& hub = Hub::Get();
  hub.Attach(&reader, true);
  const ClaimResult claim = hub.Claim(&reader, {.signals = SignalSet::Of(kQueued), .capacity = 1000});
  Check(claim.id != 0 && other.MaskNow().Has(kQueued), "a claim blocks its signal everywhere");
  std::array<SignalRecord, 200> records;
  for (size_t sent = 0; sent < records.size(); ++sent) Check(Queue(getpid(), kQueued, sent) == 0, "a value is queued");
  hub.Drain();
  bool ended = false;
  Check(hub.Take(claim.id, records.data(), records.size(), false, &ended) == records.size(), "all are delivered");
  for (size_t at = 0; at < records.size(); ++at) Check(records[at].value == at, "in order");
  hub.Close(claim.id);
  hub.Free(claim.id);
  Check(!other.MaskNow().Has(kQueued), "its close puts the mask back");
  hub.Detach(&reader);
}

// Numbers that are the same in each run.
class Numbers {
 public:
  size_t Below(size_t limit) {
    state_ = state_ * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
    return static_cast<size_t>(state_ >> 33U) % limit;
  }

 private:
  uint64_t state_ = 1;
};

// Memory that ends where a page begins that nobody may read.
class Guarded {
 public:
  explicit Guarded(size_t size) {
    constexpr size_t kPage = size_t{64} * 1024;
    const size_t room = (size + kPage - 1) / kPage * kPage;
    void* const pages = mmap(nullptr, room + kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    Check(pages != MAP_FAILED && mprotect(pages, room, PROT_READ | PROT_WRITE) == 0, "memory is mapped");
    start_ = static_cast<uint8_t*>(pages) + room - size;
  }
  uint8_t* start() const { return start_; }

 private:
  uint8_t* start_;
};

void TryRow(const LoadedCode& code, uintptr_t address) {
  static const StackSample sample = {};
  Registers registers;
  for (int number = 0; number < Registers::kCount; ++number) registers.Set(number, static_cast<uint64_t>(number) * 8);
  UnwindRow row;
  uint64_t value = 0;
  if (!FindUnwindRow(code, address, &row)) return;
  for (const UnwindRow::Place& place : row.registers) {
    if (place.rule == UnwindRow::kAtExpression || place.rule == UnwindRow::kIsExpression)
      Evaluate(row, place, registers, sample, nullptr, &value);
  }
  if (row.frame.rule == UnwindRow::kIsExpression) Evaluate(row, row.frame, registers, sample, nullptr, &value);
}

// libc's tables, or the program's own where it is static: no byte that is wrong has anything read outside of them.
void SpoiltTables() {
  constexpr size_t kHead = 12;
  LoadedCode code;
  Check(FindLoadedCode(reinterpret_cast<uintptr_t>(&poll), &code), "the code is found");
  if (code.unwind_index == nullptr) return;
  const uint8_t* const index = code.unwind_index;
  const auto size = static_cast<size_t>(code.unwind_tables.end - index);
  const Guarded copy(size);
  code.unwind_index = copy.start();
  code.unwind_tables = {copy.start(), copy.start() + size};
  uint32_t lines = 0;
  memcpy(&lines, index + kHead - sizeof(lines), sizeof(lines));
  Check(lines > 0 && kHead + size_t{lines} * 2 * sizeof(int32_t) <= size, "the index is as it should be");
  Numbers numbers;
  for (int round = 0; round < 3'000; ++round) {
    memcpy(copy.start(), index, size);
    const auto address = [&](size_t line) {
      int32_t start = 0;
      memcpy(&start, index + kHead + line * 2 * sizeof(start), sizeof(start));
      return reinterpret_cast<uintptr_t>(copy.start()) + static_cast<uintptr_t>(intptr_t{start}) + 1;
    };
    for (int spoilt = 0; spoilt < round; ++spoilt)
      copy.start()[numbers.Below(size)] = static_cast<uint8_t>(numbers.Below(256));
    for (int tries = 0; tries < 100; ++tries) TryRow(code, address(numbers.Below(lines)));
  }
}

struct Case {
  const char* name;
  void (*run)();
};

constexpr std::array kCases = {
    Case{"masks", Masks},
    Case{"names", Names},
    Case{"libcs-own", LibcsOwn},
    Case{"waiter", WaiterTakesQueued},
    Case{"catcher", CatcherNotes},
    Case{"masks-of-others", MasksOfOthers},
    Case{"spawn", Spawns},
    Case{"spawn-fails", SpawnFails},
    Case{"cgroup", Cgroup},
    Case{"cgroup-fails", CgroupFails},
    Case{"pidfd", ForkedAndPidfd},
    Case{"claims", Claims},
    Case{"spoilt-tables", SpoiltTables},
};

int Run(const char* name) {
  for (const Case& one : kCases) {
    if (name == nullptr) puts(one.name);
    if (name == nullptr || strcmp(one.name, name) != 0) continue;
    alarm(kDeadlineSeconds);
    one.run();
    return 0;
  }
  return name == nullptr ? 0 : 2;
}

}  // namespace
}  // namespace sigkit

int main(int, char** arguments) { return sigkit::Run(arguments[1]); }
