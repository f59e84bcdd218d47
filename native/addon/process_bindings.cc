#include <cerrno>

#include "addon/bindings.h"
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

// readStat(pid, checked): the name, or a negative errno; state and numbers are in the exchange.
Napi::Value ReadStat(const Napi::CallbackInfo& info, Environment& environment) {
  if (!Flag(info, 1) && CheckOwnProc() < 0) return Result(info, -EXDEV);
  ProcessStat stat;
  const int error = ReadProcessStat(Integer(info, 0), &stat);
  if (error < 0) return Result(info, error);
  auto* to = reinterpret_cast<double*>(environment.exchange());
  *to++ = static_cast<double>(stat.state);
  for (const int field : {kParent, kProcessGroup, kSessionId, kThreads, kStartTime, kExitStatus}) {
    *to++ = static_cast<double>(stat.numbers[static_cast<size_t>(field)]);
  }
  *to = static_cast<double>(stat.owner);
  return Napi::String::New(info.Env(), stat.name);
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
  Bind<SetStopped>(target, "setStopped", environment);
  Bind<SetDeathSignal>(target, "setParentDeathSignal", environment);
}

}  // namespace sigkit
