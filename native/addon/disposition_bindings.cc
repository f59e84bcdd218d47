#include "addon/bindings.h"

namespace sigkit {
namespace {

constexpr int kDefault = 0;
constexpr int kIgnore = 1;
constexpr int kHandler = 2;

Napi::Value Ignore(const Napi::CallbackInfo& info, Environment& environment) {
  return Result(info, Hub::Get().Ignore(&environment, Signals(info, 0)));
}

Napi::Value Reset(const Napi::CallbackInfo& info, Environment& environment) {
  return Result(info, Hub::Get().Reset(&environment, Signals(info, 0)));
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

// Three sets: what claims cover, and what of that would be ignored or handled without them.
Napi::Value Covered(const Napi::CallbackInfo& info, Environment& environment) {
  const Hub::Covered covered = Hub::Get().CoveredActions();
  uint32_t* words = environment.exchange() + kSetWords;
  PutSet(words, covered.claimed);
  PutSet(words + 2, covered.ignored);
  PutSet(words + 4, covered.handled);
  return Result(info, 0);
}

}  // namespace

void AddDispositionBindings(Napi::Object target, Environment* environment) {
  Bind<Ignore>(target, "ignore", environment);
  Bind<Reset>(target, "reset", environment);
  Bind<Disposition>(target, "disposition", environment);
  Bind<Covered>(target, "coveredActions", environment);
  Bind<StartIgnored>(target, "startIgnored", environment);
}

}  // namespace sigkit
