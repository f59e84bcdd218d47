#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "addon/bindings.h"
#include "posix/child_wait.h"
#include "posix/pidfd.h"

namespace sigkit {
namespace {

void PutState(Environment& environment, const ChildState& state) {
  environment.exchange()[kStatusWord] = static_cast<uint32_t>(state.status);
  const auto microseconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  double* usage = reinterpret_cast<double*>(environment.exchange()) + kUsageDoubles;
  usage[0] = microseconds(state.usage.ru_utime);
  usage[1] = microseconds(state.usage.ru_stime);
  usage[2] = static_cast<double>(state.usage.ru_maxrss);
  usage[3] = static_cast<double>(state.usage.ru_minflt);
  usage[4] = static_cast<double>(state.usage.ru_majflt);
  usage[5] = static_cast<double>(state.usage.ru_inblock);
  usage[6] = static_cast<double>(state.usage.ru_oublock);
  usage[7] = static_cast<double>(state.usage.ru_nvcsw);
  usage[8] = static_cast<double>(state.usage.ru_nivcsw);
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

// zombies(): children of the main thread that have exited, as a list, or a negative errno.
Napi::Value Zombies(const Napi::CallbackInfo& info, Environment&) {
  std::vector<pid_t> zombies;
  const int error = ListZombies(getpid(), &zombies);
  if (error < 0) return Result(info, error);
  Napi::Int32Array list = Napi::Int32Array::New(info.Env(), zombies.size());
  if (list.IsEmpty()) return info.Env().Undefined();
  std::copy(zombies.begin(), zombies.end(), list.Data());
  return list;
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
  Bind<BootTime>(target, "bootTimeMs", environment);
  Bind<PidfdOpen>(target, "pidfdOpen", environment);
  Bind<PidfdSignal>(target, "pidfdSignal", environment);
  Bind<PidfdStatus>(target, "pidfdStatus", environment);
  Bind<PidfdClose>(target, "pidfdClose", environment);
  Bind<WatchExit>(target, "watchExit", environment);
  Bind<TakeExited>(target, "takeExited", environment);
}

}  // namespace sigkit
