#include "addon/bindings.h"
#include "addon/row.h"
#include "hub/stall_monitor.h"

namespace sigkit {
namespace {

napi_value StallRow(napi_env env, const Stall& stall) {
  Row row(env);
  Row stacks(env);
  for (const ThreadStack& stack : stall.stacks) stacks.Add(ToRow(env, stack));
  row.Add(stall.id);
  row.Add(stall.name);
  row.Add(stall.tid);
  row.AddMs(stall.began_at);
  row.AddMs(stall.length);
  row.AddMs(stall.cpu);
  row.AddMs(stall.collected);
  row.Add(stall.ended ? 1 : 0);
  row.Add(stall.omitted);
  row.Add(stacks.value());
  return row.value();
}

// openStallListener(thresholdMs, minIntervalMs, says, file or ''): its number
Napi::Value OpenStallListener(const Napi::CallbackInfo& info, Environment& environment) {
  return Result(info, environment.OpenStallListener({.threshold = Nanoseconds(info, 0),
                                                     .interval = Nanoseconds(info, 1),
                                                     .says = Flag(info, 2),
                                                     .file = Text(info, 3)}));
}

Napi::Value CloseStallListener(const Napi::CallbackInfo& info, Environment& environment) {
  environment.CloseStallListener(Word(info, 0));
  return Result(info, 0);
}

// takeStalls(listener): a row for each.
Napi::Value TakeStalls(const Napi::CallbackInfo& info, Environment&) {
  Row rows(info.Env());
  for (const Stall& stall : StallMonitor::Get().Take(Word(info, 0))) rows.Add(StallRow(info.Env(), stall));
  return {info.Env(), rows.value()};
}

}  // namespace

void AddStallBindings(Napi::Object target, Environment* environment) {
  Bind<OpenStallListener>(target, "openStallListener", environment);
  Bind<CloseStallListener>(target, "closeStallListener", environment);
  Bind<TakeStalls>(target, "takeStalls", environment);
}

}  // namespace sigkit
