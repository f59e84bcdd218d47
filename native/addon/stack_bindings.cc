#include "addon/bindings.h"
#include "addon/row.h"
#include "hub/javascript_threads.h"

namespace sigkit {
namespace {

// A Worker that is to end, which whoever ends it waits for: this is one of the calls that fail then.
bool MustEnd(napi_env env) {
  napi_value value = nullptr;
  napi_get_undefined(env, &value);
  return napi_coerce_to_bool(env, value, &value) != napi_ok;
}

// captureStacks(timeoutMs): a row for each thread.
Napi::Value CaptureStacks(const Napi::CallbackInfo& info, Environment&) {
  const std::vector<ThreadStack> stacks =
      JavaScriptThreads::Get().Capture(Nanoseconds(info, 0), [env = info.Env()] { return MustEnd(env); });
  Row rows(info.Env());
  for (const ThreadStack& stack : stacks) rows.Add(ToRow(info.Env(), stack));
  return {info.Env(), rows.value()};
}

}  // namespace

void AddStackBindings(Napi::Object target, Environment* environment) {
  Bind<CaptureStacks>(target, "captureStacks", environment);
}

}  // namespace sigkit
