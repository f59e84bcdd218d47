#include "addon/bindings.h"

namespace sigkit {
namespace {

constexpr int kDefault = 0;
constexpr int kIgnore = 1;
constexpr int kHandler = 2;

Napi::Value Ignore(const Napi::CallbackInfo& info, Environment&) {
  return Result(info, Hub::Get().Ignore(Signals(info, 0)));
}

Napi::Value Reset(const Napi::CallbackInfo& info, Environment&) {
  return Result(info, Hub::Get().Reset(Signals(info, 0)));
}

Napi::Value Disposition(const Napi::CallbackInfo& info, Environment&) {
  const int signo = Integer(info, 0);
  if (Hub::Get().Claimed(signo)) return Result(info, kHandler);
  KernelSigaction action;
  const int error = ReadAction(signo, &action);
  if (error < 0) return Result(info, error);
  return Result(info, IsDefault(action) ? kDefault : IsIgnore(action) ? kIgnore : kHandler);
}

Napi::Value StartIgnored(const Napi::CallbackInfo& info, Environment&) {
  Signals(info, 0).ForEach([](int signo) { ChangeAction(signo, IgnoreAction(), nullptr); });
  return Result(info, 0);
}

}  // namespace

void AddDispositionBindings(Napi::Object target, Environment* environment) {
  Bind<Ignore>(target, "ignore", environment);
  Bind<Reset>(target, "reset", environment);
  Bind<Disposition>(target, "disposition", environment);
  Bind<StartIgnored>(target, "startIgnored", environment);
}

}  // namespace sigkit
