#include "addon/bindings.h"

namespace sigkit {
namespace {

// openWatchdog(socket, intervalMs, triggerAfterMs or Infinity)
Napi::Value OpenWatchdog(const Napi::CallbackInfo& info, Environment& environment) {
  return Result(info, environment.OpenWatchdog({.socket = NotifySocketAt(info, 0),
                                                .interval = Nanoseconds(info, 1),
                                                .trigger_after = Nanoseconds(info, 2),
                                                .ask = {}}));
}

Napi::Value CloseWatchdog(const Napi::CallbackInfo& info, Environment& environment) {
  environment.CloseWatchdog();
  return Result(info, 0);
}

}  // namespace

void AddWatchdogBindings(Napi::Object target, Environment* environment) {
  Bind<OpenWatchdog>(target, "openWatchdog", environment);
  Bind<CloseWatchdog>(target, "closeWatchdog", environment);
}

}  // namespace sigkit
