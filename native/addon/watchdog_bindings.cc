#include <cmath>

#include "addon/bindings.h"

namespace sigkit {
namespace {

Time Nanoseconds(double milliseconds) { return static_cast<Time>(milliseconds * 1e6); }

// openWatchdog(socket, intervalMs, triggerAfterMs or Infinity)
Napi::Value OpenWatchdog(const Napi::CallbackInfo& info, Environment& environment) {
  const double trigger_after_ms = info[2].As<Napi::Number>().DoubleValue();
  return Result(info, environment.OpenWatchdog(
                          {.socket = NotifySocketAt(info, 0),
                           .interval = Nanoseconds(info[1].As<Napi::Number>().DoubleValue()),
                           .trigger_after = std::isinf(trigger_after_ms) ? kNever : Nanoseconds(trigger_after_ms),
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
