#include <algorithm>
#include <cerrno>

#include "addon/bindings.h"
#include "addon/row.h"
#include "posix/own_proc.h"
#include "posix/pid_namespace.h"
#include "posix/process_group.h"
#include "posix/process_stat.h"

namespace sigkit {
namespace {

Napi::Value Setpgid(const Napi::CallbackInfo& info, Environment&) {
  return Result(info, SetGroup(Integer(info, 0), Integer(info, 1)));
}

Napi::Value Getpgid(const Napi::CallbackInfo& info, Environment&) { return Result(info, GroupOf(Integer(info, 0))); }

Napi::Value Setsid(const Napi::CallbackInfo& info, Environment&) { return Result(info, StartSession()); }

Napi::Value Getsid(const Napi::CallbackInfo& info, Environment&) { return Result(info, SessionOf(Integer(info, 0))); }

Napi::Value Tcgetpgrp(const Napi::CallbackInfo& info, Environment&) {
  return Result(info, ForegroundGroup(Integer(info, 0)));
}

Napi::Value Tcsetpgrp(const Napi::CallbackInfo& info, Environment&) {
  return Result(info, SetForegroundGroup(Integer(info, 0), Integer(info, 1)));
}

Napi::Value SetChildSubreaper(const Napi::CallbackInfo& info, Environment&) {
  return Result(info, SetSubreaper(Flag(info, 0)));
}

Napi::Value IsChildSubreaper(const Napi::CallbackInfo& info, Environment&) { return Result(info, IsSubreaper()); }

Napi::Value SetDeathSignal(const Napi::CallbackInfo& info, Environment&) {
  return Result(info, SetParentDeathSignal(Integer(info, 0)));
}

Napi::Value OwnProc(const Napi::CallbackInfo& info, Environment&) { return Result(info, CheckOwnProc()); }

Napi::Value InFirstPidNamespace(const Napi::CallbackInfo& info, Environment&) {
  return Result(info, IsInFirstPidNamespace());
}

// signalGroup(pgid, witness, startTime, pidfd, signal)
Napi::Value SignalHeldGroup(const Napi::CallbackInfo& info, Environment& environment) {
  return Result(info, SignalGroup(GroupAt(info, environment, 0), Integer(info, 4)));
}

constexpr size_t kStatDoubles = 8;

void PutStat(double* to, const ProcessStat& stat) {
  *to++ = static_cast<double>(stat.state);
  for (const int field : {kParent, kProcessGroup, kSessionId, kThreads, kStartTime, kExitStatus}) {
    *to++ = static_cast<double>(stat.numbers[static_cast<size_t>(field)]);
  }
  *to = static_cast<double>(stat.owner);
}

// readStat(pid): the name, or a negative errno; state and numbers are in the exchange.
Napi::Value ReadStat(const Napi::CallbackInfo& info, Environment& environment) {
  if (CheckOwnProc() < 0) return Result(info, -EXDEV);
  ProcessStat stat;
  const int error = ReadProcessStat(Integer(info, 0), &stat);
  if (error < 0) return Result(info, error);
  PutStat(reinterpret_cast<double*>(environment.exchange()), stat);
  return Napi::String::New(info.Env(), stat.name);
}

// readStats(pids): [names, each ended by a NUL, and of each process that is shown its pid and what readStat has], or a
// negative errno. Of a /proc that has just been seen to be ours.
Napi::Value ReadStats(const Napi::CallbackInfo& info, Environment&) {
  const auto pids = info[0].As<Napi::Int32Array>();
  std::string names;
  std::vector<double> numbers;
  ProcessStat stat;
  for (size_t index = 0; index < pids.ElementLength(); ++index) {
    const pid_t pid = pids.Data()[index];
    stat.owner = -1;
    const int error = ReadProcessStat(pid, &stat);
    // With hidepid=1, EPERM of another user's, which is listed all the same.
    if (error == -ENOENT || error == -ESRCH || error == -EPERM) continue;
    if (error < 0) return Result(info, error);
    names.append(stat.name).push_back('\0');
    numbers.push_back(pid);
    numbers.resize(numbers.size() + kStatDoubles);
    PutStat(&numbers[numbers.size() - kStatDoubles], stat);
  }
  Napi::Float64Array array = Napi::Float64Array::New(info.Env(), numbers.size());
  if (array.IsEmpty()) return info.Env().Undefined();
  std::copy(numbers.begin(), numbers.end(), array.Data());
  Row row(info.Env());
  row.Add(names);
  row.Add(array);
  return {info.Env(), row.value()};
}

Napi::Value SetStopped(const Napi::CallbackInfo& info, Environment& environment) {
  const auto pids = info[0].As<Napi::Int32Array>();
  environment.SetStopped({pids.Data(), pids.Data() + pids.ElementLength()});
  return Result(info, 0);
}

}  // namespace

void AddProcessBindings(Napi::Object target, Environment* environment) {
  Bind<Setpgid>(target, "setpgid", environment);
  Bind<Getpgid>(target, "getpgid", environment);
  Bind<Setsid>(target, "setsid", environment);
  Bind<Getsid>(target, "getsid", environment);
  Bind<Tcgetpgrp>(target, "tcgetpgrp", environment);
  Bind<Tcsetpgrp>(target, "tcsetpgrp", environment);
  Bind<SetChildSubreaper>(target, "setChildSubreaper", environment);
  Bind<IsChildSubreaper>(target, "isChildSubreaper", environment);
  Bind<OwnProc>(target, "checkOwnProc", environment);
  Bind<InFirstPidNamespace>(target, "inFirstPidNamespace", environment);
  Bind<SignalHeldGroup>(target, "signalGroup", environment);
  Bind<ReadStat>(target, "readStat", environment);
  Bind<ReadStats>(target, "readStats", environment);
  Bind<SetStopped>(target, "setStopped", environment);
  Bind<SetDeathSignal>(target, "setParentDeathSignal", environment);
}

}  // namespace sigkit
