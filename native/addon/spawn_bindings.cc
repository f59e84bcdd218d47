#include <unistd.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "addon/bindings.h"
#include "hub/spawner.h"
#include "posix/pseudo_terminal.h"
#include "posix/replace.h"
#include "posix/standard_io.h"

namespace sigkit {
namespace {

// Lists come as one string, each text with a null at its end, and as Float64Array: taking those apart never runs
// JavaScript, so it cannot fail half-way when the environment is being terminated.
std::vector<std::string> Texts(const Napi::Value& value) {
  const std::string joined = value.As<Napi::String>().Utf8Value();
  std::vector<std::string> texts;
  for (size_t start = 0; start < joined.size();) {
    const size_t end = joined.find('\0', start);
    texts.push_back(joined.substr(start, end - start));
    start = end + 1;
  }
  return texts;
}

template <typename Number>
std::vector<Number> Numbers(const Napi::Value& value) {
  const auto list = value.As<Napi::Float64Array>();
  std::vector<Number> numbers;
  numbers.reserve(list.ElementLength());
  for (size_t index = 0; index < list.ElementLength(); ++index) numbers.push_back(static_cast<Number>(list[index]));
  return numbers;
}

// The places of lib/process/spawn/spawn-request.ts.
enum Place : size_t {
  kSession = 0,
  kGroup = 1,
  kTerminal = 2,
  kDeathSignal = 3,
  kUid = 4,
  kGid = 5,
  kMask = 6,
  kDefaults = 8,
  kIgnored = 10,
  kCgroup = 12,
  kPseudoTerminal = 13,
};

// The places of lib/process/spawn/child-settings.ts; limits of three numbers each follow, and then CPUs.
enum Setting : size_t {
  kUsualOpenFiles = 0,
  kNice = 1,
  kIoPriority = 2,
  kOomScoreAdj = 3,
  kUmask = 4,
  kNoNewPrivileges = 5,
  kDropCapabilities = 6,
  kLimitCount = 7,
  kLimits = 8,
};

constexpr int64_t kUnset = INT32_MIN;

template <typename Number>
std::optional<Number> SettingAt(const std::vector<int64_t>& numbers, size_t place) {
  if (numbers[place] == kUnset) return std::nullopt;
  return static_cast<Number>(numbers[place]);
}

ChildSettings SettingsFrom(const std::vector<int64_t>& numbers) {
  ChildSettings settings;
  if (numbers[kUsualOpenFiles] != 0) settings.open_files = Spawner::Get().open_files();
  settings.nice = SettingAt<int>(numbers, kNice);
  settings.io_priority = SettingAt<int>(numbers, kIoPriority);
  settings.oom_score_adj = SettingAt<int>(numbers, kOomScoreAdj);
  settings.umask = SettingAt<mode_t>(numbers, kUmask);
  settings.no_new_privileges = numbers[kNoNewPrivileges] != 0;
  settings.drop_capabilities = numbers[kDropCapabilities] != 0;
  size_t at = kLimits;
  for (const size_t end = at + 3 * static_cast<size_t>(numbers[kLimitCount]); at < end; at += 3)
    settings.limits.push_back(
        {.resource = static_cast<int>(numbers[at]), .soft = numbers[at + 1], .hard = numbers[at + 2]});
  for (; at < numbers.size(); ++at) {
    const auto cpu = static_cast<size_t>(numbers[at]);
    settings.affinity.resize(std::max(settings.affinity.size(), cpu / 64 + 1));
    settings.affinity[cpu / 64] |= uint64_t{1} << cpu % 64;
  }
  return settings;
}

SignalSet SetAt(const std::vector<int64_t>& numbers, size_t place) {
  return SignalSet(static_cast<uint64_t>(numbers[place + 1]) << 32U | static_cast<uint64_t>(numbers[place]));
}

SpawnRequest RequestFrom(const Napi::CallbackInfo& info) {
  SpawnRequest request;
  request.files = Texts(info[0]);
  request.arguments = Texts(info[1]);
  request.environment = Texts(info[2]);
  if (info[3].IsString()) request.directory = Text(info, 3);
  if (info[5].IsTypedArray()) request.groups = Numbers<gid_t>(info[5]);
  const std::vector<int64_t> numbers = Numbers<int64_t>(info[6]);
  request.session = numbers[kSession] != 0;
  request.group = static_cast<pid_t>(numbers[kGroup]);
  request.terminal = static_cast<int>(numbers[kTerminal]);
  request.parent_death_signal = static_cast<int>(numbers[kDeathSignal]);
  if (numbers[kUid] >= 0) request.uid = static_cast<uid_t>(numbers[kUid]);
  if (numbers[kGid] >= 0) request.gid = static_cast<gid_t>(numbers[kGid]);
  request.mask = SetAt(numbers, kMask);
  request.defaults = SetAt(numbers, kDefaults);
  request.ignored = SetAt(numbers, kIgnored);
  request.cgroup = static_cast<int>(numbers[kCgroup]);
  request.pseudo_terminal = static_cast<int>(numbers[kPseudoTerminal]);
  request.settings = SettingsFrom(Numbers<int64_t>(info[7]));
  return request;
}

Napi::Value Failure(const Napi::CallbackInfo& info, Environment& environment, SpawnStep step, int error) {
  environment.exchange()[kStepWord] = static_cast<uint32_t>(step);
  return Result(info, error);
}

// spawn(files, arguments, environment, directory, stdio, groups, numbers, settings): [pid, pidfd, our ends of
// pipes...], or a negative errno with the step in the exchange.
Napi::Value Spawn(const Napi::CallbackInfo& info, Environment& environment) {
  SpawnRequest request = RequestFrom(info);
  const std::vector<int> wanted = Numbers<int>(info[4]);
  const int checked = CheckDescriptors(wanted);
  if (checked < 0) return Failure(info, environment, SpawnStep::kCheckDescriptors, checked);
  const int prepared = environment.PrepareProcesses();
  if (prepared < 0) return Failure(info, environment, SpawnStep::kWatch, prepared);
  StandardIo io;
  const int opened = OpenStandardIo(wanted, &io);
  if (opened < 0) return Failure(info, environment, SpawnStep::kStandardIo, opened);
  request.descriptors = io.child;
  if (request.pseudo_terminal >= 0) request.descriptors.assign(STDERR_FILENO + 1, -1);
  // A catcher stands in front of what this process ignores, and exec would make that the default (execve(2)).
  request.ignored |= Hub::Get().CoveredActions().ignored & ~request.defaults;
  // Made first: once there is a child, nothing may fail any more.
  Napi::Int32Array answer = Napi::Int32Array::New(info.Env(), io.ours.size() + 2);
  if (answer.IsEmpty()) return info.Env().Undefined();
  int started = 0;
  std::shared_ptr<Birth> birth = Spawner::Get().Spawn(std::move(request), &started);
  if (birth == nullptr) return Failure(info, environment, SpawnStep::kClone, started);
  const BirthError failed = birth->error();
  if (birth->pid() == 0) return Failure(info, environment, failed.step, failed.error);
  answer[0] = birth->pid();
  answer[1] = environment.processes().Hold(birth->TakePidfd());
  if (!birth->is_taken_over()) birth.reset();
  environment.processes().AddChild(answer[0], answer[1], std::move(birth));
  for (size_t index = 0; index < io.ours.size(); ++index) {
    answer[index + 2] = io.ours[index].Release();
    environment.processes().Lend(answer[index + 2]);
  }
  return answer;
}

// setOpenFiles(soft): the limit that this process was started with.
Napi::Value SetOpenFiles(const Napi::CallbackInfo& info, Environment&) {
  Spawner::Get().set_open_files(static_cast<int64_t>(Double(info, 0)));
  return Result(info, 0);
}

// settle(fd): a stream has it now.
Napi::Value Settle(const Napi::CallbackInfo& info, Environment& environment) {
  environment.processes().Settle(Integer(info, 0));
  return Result(info, 0);
}

// unread(fd): how many bytes it holds for its reader, or a negative errno.
Napi::Value Unread(const Napi::CallbackInfo& info, Environment&) { return Result(info, UnreadBytes(Integer(info, 0))); }

// awaitReadable(fd, milliseconds): see there.
Napi::Value Await(const Napi::CallbackInfo& info, Environment&) {
  return Result(info, AwaitReadable(Integer(info, 0), Integer(info, 1)));
}

// abandonChild(pid): nobody here can wait for it.
Napi::Value AbandonChild(const Napi::CallbackInfo& info, Environment& environment) {
  environment.processes().GiveUpChild(Integer(info, 0));
  return Result(info, 0);
}

// birthError(pid): of one that has exited: 0, or why it never executed its program, as a negative errno with the step
// in the exchange.
Napi::Value ErrorOfBirth(const Napi::CallbackInfo& info, Environment& environment) {
  const BirthError failed = environment.processes().ErrorOfBirth(Integer(info, 0));
  return Failure(info, environment, failed.step, failed.error);
}

// forgetChild(pid): it has been reaped.
Napi::Value ForgetChild(const Napi::CallbackInfo& info, Environment& environment) {
  environment.processes().RemoveChild(Integer(info, 0));
  return Result(info, 0);
}

// openTerminal(): our end of a new pseudo terminal, lent until settle().
Napi::Value OpenTerminal(const Napi::CallbackInfo& info, Environment& environment) {
  const int ours = OpenPseudoTerminal();
  if (ours >= 0) environment.processes().Lend(ours);
  return Result(info, ours);
}

// resizeTerminal(fd, columns, rows)
Napi::Value Resize(const Napi::CallbackInfo& info, Environment&) {
  const TerminalSize size = {.columns = static_cast<uint16_t>(Word(info, 1)),
                             .rows = static_cast<uint16_t>(Word(info, 2))};
  return Result(info, ResizeTerminal(Integer(info, 0), size));
}

// terminalSize(fd): columns and rows are in the exchange.
Napi::Value Size(const Napi::CallbackInfo& info, Environment& environment) {
  TerminalSize size;
  const int read = SizeOfTerminal(Integer(info, 0), &size);
  environment.exchange()[0] = size.columns;
  environment.exchange()[1] = size.rows;
  return Result(info, read);
}

// setTerminalRaw(fd, raw)
Napi::Value SetRaw(const Napi::CallbackInfo& info, Environment&) {
  return Result(info, SetRawTerminal(Integer(info, 0), Flag(info, 1)));
}

// endOfFileKey(fd): 0: there is none.
Napi::Value EndKey(const Napi::CallbackInfo& info, Environment&) {
  return Result(info, EndOfFileKey(Integer(info, 0)));
}

Napi::Value Execve(const Napi::CallbackInfo& info, Environment&) {
  return Result(info, ReplaceProcess(Text(info, 0), Texts(info[1]), Signals(info, 2)));
}

}  // namespace

void AddSpawnBindings(Napi::Object target, Environment* environment) {
  Bind<Spawn>(target, "spawn", environment);
  Bind<SetOpenFiles>(target, "setOpenFiles", environment);
  Bind<OpenTerminal>(target, "openTerminal", environment);
  Bind<Resize>(target, "resizeTerminal", environment);
  Bind<Size>(target, "terminalSize", environment);
  Bind<SetRaw>(target, "setTerminalRaw", environment);
  Bind<EndKey>(target, "endOfFileKey", environment);
  Bind<Execve>(target, "execve", environment);
  Bind<Settle>(target, "settle", environment);
  Bind<Unread>(target, "unread", environment);
  Bind<Await>(target, "awaitReadable", environment);
  Bind<AbandonChild>(target, "abandonChild", environment);
  Bind<ErrorOfBirth>(target, "birthError", environment);
  Bind<ForgetChild>(target, "forgetChild", environment);
}

}  // namespace sigkit
