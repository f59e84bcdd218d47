#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "addon/bindings.h"
#include "addon/row.h"
#include "posix/child_wait.h"
#include "posix/orphans.h"
#include "posix/pidfd.h"

namespace sigkit {
namespace {

constexpr size_t kUsageCount = 9;
constexpr size_t kOrphanDoubles = 4 + kUsageCount;

void PutUsage(double* to, const rusage& usage) {
  const auto microseconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  to[0] = microseconds(usage.ru_utime);
  to[1] = microseconds(usage.ru_stime);
  to[2] = static_cast<double>(usage.ru_maxrss);
  to[3] = static_cast<double>(usage.ru_minflt);
  to[4] = static_cast<double>(usage.ru_majflt);
  to[5] = static_cast<double>(usage.ru_inblock);
  to[6] = static_cast<double>(usage.ru_oublock);
  to[7] = static_cast<double>(usage.ru_nvcsw);
  to[8] = static_cast<double>(usage.ru_nivcsw);
}

void PutState(Environment& environment, const ChildState& state) {
  environment.exchange()[kStatusWord] = static_cast<uint32_t>(state.status);
  PutUsage(reinterpret_cast<double*>(environment.exchange()) + kUsageDoubles, state.usage);
}

// wait(pid, untraced, continued): the pid, 0, or a negative errno; status and usage are in the exchange.
Napi::Value TakeState(const Napi::CallbackInfo& info, Environment& environment) {
  ChildState state;
  const int flags = (Flag(info, 1) ? WUNTRACED : 0) | (Flag(info, 2) ? WCONTINUED : 0);
  const int taken = TakeChildState(Integer(info, 0), flags, &state);
  PutState(environment, state);
  return Result(info, taken);
}

// stateChange(pid, untraced, continued): as above, but never takes the exit.
Napi::Value TakeStopOrContinue(const Napi::CallbackInfo& info, Environment& environment) {
  ChildState state;
  const int taken = TakeStoppedOrContinued(Integer(info, 0), Flag(info, 1), Flag(info, 2), &state);
  PutState(environment, state);
  return Result(info, taken);
}

Napi::Value PeekExit(const Napi::CallbackInfo& info, Environment& environment) {
  ChildState state;
  const int seen = PeekChildExit(Integer(info, 0), &state);
  PutState(environment, state);
  return Result(info, seen);
}

Napi::Value PidfdPeekExit(const Napi::CallbackInfo& info, Environment& environment) {
  ChildState state;
  const int seen = PeekPidfdExit(environment.processes().Descriptor(Integer(info, 0)), &state);
  PutState(environment, state);
  return Result(info, seen);
}

// watchChildren(on): whether JavaScript is woken by SIGCHLD.
Napi::Value WatchChildren(const Napi::CallbackInfo& info, Environment& environment) {
  environment.WatchChildren(Flag(info, 0));
  return Result(info, 0);
}

// zombies(known): children of the main thread that have exited, without known ones, as a list, or a negative errno.
Napi::Value Zombies(const Napi::CallbackInfo& info, Environment&) {
  const auto given = info[0].As<Napi::Int32Array>();
  std::vector<pid_t> known(given.Data(), given.Data() + given.ElementLength());
  std::sort(known.begin(), known.end());
  std::vector<pid_t> zombies;
  const int error = ListZombies(getpid(), known, &zombies);
  if (error < 0) return Result(info, error);
  Napi::Int32Array list = Napi::Int32Array::New(info.Env(), zombies.size());
  if (list.IsEmpty()) return info.Env().Undefined();
  std::copy(zombies.begin(), zombies.end(), list.Data());
  return list;
}

// takeOrphans(noted): [names, each ended by a NUL, and for each orphan kOrphanDoubles], or a negative errno. `noted`
// has a pid and a start time, or 0, of each.
Napi::Value TakeNotedOrphans(const Napi::CallbackInfo& info, Environment&) {
  const auto given = info[0].As<Napi::Float64Array>();
  std::vector<NotedZombie> noted;
  const double* const from = given.Data();
  for (size_t index = 0; index + 1 < given.ElementLength(); index += 2) {
    noted.push_back({.pid = static_cast<pid_t>(from[index]), .start_time = static_cast<uint64_t>(from[index + 1])});
  }
  std::vector<TakenOrphan> taken;
  const int error = TakeOrphans(getpid(), noted, &taken);
  if (error < 0) return Result(info, error);
  std::string names;
  Napi::Float64Array numbers = Napi::Float64Array::New(info.Env(), taken.size() * kOrphanDoubles);
  if (numbers.IsEmpty()) return info.Env().Undefined();
  double* to = numbers.Data();
  for (const TakenOrphan& orphan : taken) {
    names.append(orphan.name).push_back('\0');
    *to++ = orphan.pid;
    *to++ = static_cast<double>(orphan.group);
    *to++ = static_cast<double>(orphan.session);
    *to++ = orphan.state.status;
    PutUsage(to, orphan.state.usage);
    to += kUsageCount;
  }
  Row row(info.Env());
  row.Add(names);
  row.Add(numbers);
  return {info.Env(), row.value()};
}

Napi::Value BootTime(const Napi::CallbackInfo& info, Environment&) {
  timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return Result(info, static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6);
}

Napi::Value PidfdOpen(const Napi::CallbackInfo& info, Environment& environment) {
  const int opened = OpenPidfd(Integer(info, 0));
  return Result(info, opened < 0 ? opened : environment.processes().Hold(UniqueFd(opened)));
}

// expectPidfds(count): so many are about to be opened.
Napi::Value PidfdsExpected(const Napi::CallbackInfo& info, Environment&) {
  ExpectPidfds(Integer(info, 0));
  return Result(info, 0);
}

// pidfdSignal(id, signal, low?, high?). -EBADF, as of all that take a pidfd's id: somebody has closed it.
Napi::Value PidfdSignal(const Napi::CallbackInfo& info, Environment& environment) {
  std::optional<uint64_t> value;
  if (info[2].IsNumber()) value = uint64_t{Word(info, 3)} << 32 | Word(info, 2);
  return Result(info, SignalPidfd(environment.processes().Descriptor(Integer(info, 0)), Integer(info, 1), value));
}

Napi::Value PidfdStatus(const Napi::CallbackInfo& info, Environment& environment) {
  int status = 0;
  const int result = ExitStatusOf(environment.processes().Descriptor(Integer(info, 0)), &status);
  environment.exchange()[kStatusWord] = static_cast<uint32_t>(status);
  return Result(info, result);
}

Napi::Value PidfdClose(const Napi::CallbackInfo& info, Environment& environment) {
  environment.processes().Drop(Integer(info, 0));
  return Result(info, 0);
}

Napi::Value WatchExit(const Napi::CallbackInfo& info, Environment& environment) {
  return Result(info, environment.WatchProcess(Integer(info, 0)));
}

Napi::Value TakeExited(const Napi::CallbackInfo& info, Environment& environment) {
  return Result(info, static_cast<double>(
                          environment.processes().TakeReady(environment.exchange(), Environment::kExchangeWords)));
}

}  // namespace

void AddWaitBindings(Napi::Object target, Environment* environment) {
  Bind<TakeState>(target, "wait", environment);
  Bind<TakeStopOrContinue>(target, "stateChange", environment);
  Bind<PeekExit>(target, "peekExit", environment);
  Bind<PidfdPeekExit>(target, "pidfdPeekExit", environment);
  Bind<WatchChildren>(target, "watchChildren", environment);
  Bind<Zombies>(target, "zombies", environment);
  Bind<TakeNotedOrphans>(target, "takeOrphans", environment);
  Bind<BootTime>(target, "bootTimeMs", environment);
  Bind<PidfdOpen>(target, "pidfdOpen", environment);
  Bind<PidfdsExpected>(target, "expectPidfds", environment);
  Bind<PidfdSignal>(target, "pidfdSignal", environment);
  Bind<PidfdStatus>(target, "pidfdStatus", environment);
  Bind<PidfdClose>(target, "pidfdClose", environment);
  Bind<WatchExit>(target, "watchExit", environment);
  Bind<TakeExited>(target, "takeExited", environment);
}

}  // namespace sigkit
