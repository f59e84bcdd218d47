#include "addon/bindings.h"

namespace sigkit {
namespace {

// openWatchdog(socket, intervalMs, triggerAfterMs or Infinity)
Napi::Value OpenWatchdog(const Napi::CallbackInfo& info, Environment& environment) {
  ClaimStep step = ClaimStep::kThread;
  const int error = environment.OpenWatchdog({.socket = NotifySocketAt(info, 0),
                                              .interval = Nanoseconds(info, 1),
                                              .trigger_after = Nanoseconds(info, 2),
                                              .ask = {}},
                                             &step);
  environment.exchange()[kStepWord] = static_cast<uint32_t>(step);
  return Result(info, error);
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
