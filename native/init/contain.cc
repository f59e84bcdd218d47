#include "init/contain.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "init/delivery.h"
#include "init/descent.h"
#include "init/descriptors.h"
#include "init/memory.h"
#include "init/namespace.h"
#include "init/reaping.h"
#include "init/teller.h"
#include "posix/child_list.h"
#include "posix/clock.h"
#include "posix/process_group.h"
#include "posix/syscalls.h"

namespace sigkit::init {
namespace {

constexpr Time kPatience = 2 * kSecond;  // with what sleeps in the kernel and does not die
constexpr int kRoundsUntilFrozen = 8;
constexpr int kMostFreezing = 64;
constexpr unsigned kSession = 1;
constexpr unsigned kOwnGroup = 2;
constexpr unsigned kPidNamespace = 4;

// Orders of the runner, a byte each; the number of a signal sends that to all.
constexpr char kMayReap = 'g';  // it has a hold of the command's number
constexpr char kKill = 'k';

// What sigkit refuses to contain by, in a message's `status`.
enum Refusal { kNoChildren, kNoNamespace };

struct Left {
  pid_t pid = 0;
  bool ended = false;
  int status = 0;
  std::array<char, 16> name = {};
};

// Memory that is touched only when it is used.
constinit std::array<Left, 1024> left;
constinit size_t left_count = 0;
constinit pid_t command = 0;
constinit pid_t first = 0;  // of the pid namespace

void NoteLeft(const Seen& seen) {
  if (seen.pid == command || seen.pid == first || left_count == left.size()) return;
  for (size_t index = 0; index < left_count; ++index) {
    if (left[index].pid == seen.pid && !left[index].ended) return;
  }
  left[left_count++] = {.pid = seen.pid, .ended = false, .status = 0, .name = seen.name};
}

void NoteEnd(pid_t pid, int status) {
  for (size_t index = left_count; index-- > 0;) {
    if (left[index].pid != pid || left[index].ended) continue;
    left[index].ended = true;
    left[index].status = status;
    return;
  }
}

class Numbers {
 public:
  explicit Numbers(const char* text) : at_(text) {}
  // strtoull(3) of musl is larger than all of this class.
  unsigned long long Next() {
    const bool is_negative = *at_ == '-';
    if (is_negative) ++at_;
    unsigned long long number = 0;
    for (; *at_ >= '0' && *at_ <= '9'; ++at_) number = number * 10 + static_cast<unsigned char>(*at_ - '0');
    if (*at_ != '\0') ++at_;
    return is_negative ? -number : number;
  }
  int NextInt() { return static_cast<int>(static_cast<long long>(Next())); }

 private:
  const char* at_;
};

class Job {
 public:
  explicit Job(int control) : control_(control), teller_(control) {}

  int Run(Numbers numbers, char* const* words);

 private:
  int Refuse(Refusal refusal, int error) const {
    teller_.Tell(Message(Told::kRefused, 0, refusal, error));
    return 1;
  }
  bool Start(Numbers* numbers, char* const* words, unsigned flags, int terminal);
  void Wait(Time patience);
  void Hear();
  void Reap();
  void TellChange();
  void Freeze();
  void End();
  void TellEnd() const;

  const int control_;
  const Teller teller_;
  const pid_t runner_ = getppid();
  Delivery delivery_;
  SignalSet ignored_;
  bool may_reap_ = false;
  bool killing_ = false;
  bool deaf_ = false;  // the runner has gone
  bool ended_ = false;
  bool alone_ = false;
  bool has_changed_ = false;
  int reaped_ = 0;
  int change_ = 0;
  int status_ = 0;
  rusage usage_ = {};
};

SpawnRequest RequestFrom(Numbers* numbers, unsigned flags, int terminal, SignalSet ignored) {
  SpawnRequest request;
  request.keep_descriptors = true;
  request.session = (flags & kSession) != 0;
  if ((flags & kOwnGroup) != 0) request.group = 0;
  request.terminal = terminal;
  // All others that are ignored have been inherited.
  request.ignored = ignored;
  request.mask = SignalSet(numbers->Next());
  const auto uid = static_cast<long long>(numbers->Next());
  const auto gid = static_cast<long long>(numbers->Next());
  if (uid >= 0) request.uid = static_cast<uid_t>(uid);
  if (gid >= 0) request.gid = static_cast<gid_t>(gid);
  // Should this process be killed, the command is too; in a namespace its first process sees to that.
  if (first == 0) request.parent_death_signal = SIGKILL;
  return request;
}

// Returns those of its signals that the command is to ignore.
SignalSet Adopt() {
  SignalSet ignored;
  SetSubreaper(true);
  // The runner's death also continues one that somebody has stopped.
  SetParentDeathSignal(SIGCONT);
  const KernelSigaction wake = HandlerAction([](int, siginfo_t*, void*) {}, 0, SignalSet::All());
  for (const int signo : {SIGCHLD, SIGCONT}) {
    KernelSigaction former;
    if (ChangeAction(signo, wake, &former) == 0 && IsIgnore(former)) ignored |= SignalSet::Of(signo);
  }
  return ignored;
}

// Away from the job: its group may be killed as a whole, its folder be unmounted, its pipes end.
void StandAside(int control) {
  setpgid(0, 0);
  std::array<int, 1> kept = {control};
  CloseAllBut(kept);
  [[maybe_unused]] const int moved = chdir("/");
  rlimit files = {};
  // setrlimit(2) of musl can set that of all threads, and is 2,000 bytes.
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    prlimit(0, RLIMIT_NOFILE, &files, nullptr);
  }
}

int Job::Run(Numbers numbers, char* const* words) {
  fcntl(control_, F_SETFD, FD_CLOEXEC);
  const int terminal = numbers.NextInt();
  if (terminal >= 0) fcntl(terminal, F_SETFD, FD_CLOEXEC);
  const auto flags = static_cast<unsigned>(numbers.Next());
  ignored_ = Adopt();
  if (const int error = ForEachChild(getpid(), [](pid_t) {}); error < 0) return Refuse(kNoChildren, error);
  if ((flags & kPidNamespace) != 0) {
    first = EnterPidNamespace();
    if (first < 0) return Refuse(kNoNamespace, first);
  }
  if (!Start(&numbers, words, flags, terminal)) return 1;
  StandAside(control_);
  teller_.Tell(Message(Told::kBorn, command, delivery_.is_half_born() ? 1 : 0));
  while (!ended_ && !killing_) {
    Wait(kNever);
    if (may_reap_) Reap();
    TellChange();
  }
  End();
  TellEnd();
  return 0;
}

bool Job::Start(Numbers* numbers, char* const* words, unsigned flags, int terminal) {
  SpawnRequest request = RequestFrom(numbers, flags, terminal, ignored_);
  const auto count = static_cast<size_t>(numbers->Next());
  const auto groups = static_cast<long long>(numbers->Next());
  if (groups >= 0) {
    for (gid_t& group : request.groups.emplace(static_cast<size_t>(groups)))
      group = static_cast<gid_t>(numbers->Next());
  }
  const Array<const char*> files = MakeArray<const char*>(count + 1);
  if (files != nullptr) std::copy(words, words + count, files.get());
  ChildPlan plan = {
      .request = &request,
      .parent = getpid(),
      .files = files.get(),
      .arguments = words + count,
      .environment = environ,
      .directory = nullptr,
      .descriptors = nullptr,
      .descriptor_count = 0,
      .terminal = request.terminal,
      .former_group = 0,
      .in_own_group = nullptr,
      .in_own_group_argument = nullptr,
      .apart = true,
      .error = -ENOMEM,
      .step = SpawnStep::kClone,
      .tried = nullptr,
      .pid = 0,
      .pidfd = -1,
      .taken_over = false,
  };
  if (files != nullptr) command = delivery_.Try(&plan, WithPidfd::kNo).pid;
  if (command != 0) return true;
  teller_.Tell(Message(Told::kFailed, 0, static_cast<int>(plan.step), plan.error));
  return false;
}

// Until a child has changed, the runner says something or ends, or that time is over.
void Job::Wait(Time patience) {
  pollfd file = {deaf_ ? -1 : control_, static_cast<int16_t>(POLLIN | (has_changed_ ? POLLOUT : 0)), 0};
  const timespec limit = {.tv_sec = patience / kSecond, .tv_nsec = patience % kSecond};
  const uint64_t blocked = (SignalSet::All() & ~(SignalSet::Of(SIGCHLD) | SignalSet::Of(SIGCONT))).bits();
  syscall(SYS_ppoll, &file, 1, patience == kNever ? nullptr : &limit, &blocked, sizeof(blocked));
  if (getppid() != runner_) deaf_ = true;
  if ((file.revents & ~POLLOUT) != 0) Hear();
  if (deaf_) killing_ = true;
}

void Job::Hear() {
  std::array<char, 64> orders;
  const ssize_t got = recv(control_, orders.data(), orders.size(), MSG_DONTWAIT);
  deaf_ = deaf_ || got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
  for (ssize_t index = 0; index < got; ++index) {
    const char order = orders[static_cast<size_t>(index)];
    if (order == kMayReap) may_reap_ = true;
    if (order == kKill) killing_ = true;
    if (order < 1 || order > kSignalCount) continue;
    SignalAllBelow(order, nullptr);
    SignalAllBelow(SIGCONT, nullptr);
  }
}

void Job::Reap() {
  for (;;) {
    int status = 0;
    rusage usage;
    const pid_t pid = wait4(-1, &status, WNOHANG | WUNTRACED | WCONTINUED, &usage);
    alone_ = pid < 0 && errno == ECHILD;
    if (pid <= 0) return;
    if (!HasEnded(status)) {
      has_changed_ = has_changed_ || pid == command;
      if (pid == command) change_ = status;
      continue;
    }
    ++reaped_;
    NoteEnd(pid, status);
    if (pid != command) continue;
    ended_ = true;
    status_ = status;
    usage_ = usage;
  }
}

// Only the latest: where nobody reads, there is no room for more.
void Job::TellChange() {
  if (has_changed_ && teller_.TellNow(Message(Told::kChanged, command, change_))) has_changed_ = false;
}

// Who forks faster than it can be killed finds no room any more when all are stopped, as what is stopped still counts.
void Job::Freeze() {
  for (int pass = 0; pass < kMostFreezing && SignalAllBelow(SIGSTOP, nullptr) > 0; ++pass) Wait(kMillisecond);
}

void Job::End() {
  // With the first process of a namespace the kernel kills all others, before they could be noted one by one.
  if (first != 0) SignalAllBelow(0, NoteLeft);
  Time last_end = Now();
  for (int round = 1;; ++round) {
    const int before = reaped_;
    Reap();
    if (reaped_ > before) last_end = Now();
    if (alone_ || Now() - last_end > kPatience) return;
    if (round % kRoundsUntilFrozen == 0) Freeze();
    SignalAllBelow(SIGKILL, NoteLeft);
    Wait(std::min(round, 20) * kMillisecond);
  }
}

void Job::TellEnd() const {
  for (size_t index = 0; index < left_count; ++index) {
    Message message(Told::kLeft, left[index].pid, left[index].ended ? left[index].status : -1);
    memcpy(message.name.data(), left[index].name.data(), left[index].name.size());
    teller_.Tell(message);
  }
  const ChildPlan* const failed = delivery_.failed();
  if (failed != nullptr)
    return teller_.Tell(Message(Told::kFailed, command, static_cast<int>(failed->step), failed->error));
  Message message(Told::kEnded, command, ended_ ? status_ : -1, alone_ ? 0 : -EBUSY);
  message.SetUsage(usage_);
  teller_.Tell(message);
}

}  // namespace

int Contain(char* const* words) {
  if (words[0] == nullptr) return 2;
  Numbers numbers(words[0]);
  return Job(numbers.NextInt()).Run(numbers, words + 1);
}

}  // namespace sigkit::init
