#include "addon/bindings.h"
#include "hub/javascript_threads.h"
#include "posix/syscall_names.h"

namespace sigkit {
namespace {

// [id, name, tid, activity, blocked for ms, frames, the number of its system call or a negative one, its name, where it
// waits in the kernel]: lib/diagnostics/stacks.ts makes an object of it.
Napi::Value ToRow(Napi::Env env, const ThreadStack& stack) {
  constexpr double kNanosecondsPerMs = 1e6;
  const char* const call = SyscallName(stack.call);
  const std::array<napi_value, 9> values = {
      Napi::Number::New(env, stack.id),
      Napi::String::New(env, stack.name),
      Napi::Number::New(env, stack.tid),
      Napi::Number::New(env, static_cast<int>(stack.activity)),
      Napi::Number::New(env, static_cast<double>(stack.blocked_for) / kNanosecondsPerMs),
      Napi::String::New(env, stack.frames),
      Napi::Number::New(env, static_cast<double>(stack.call)),
      Napi::String::New(env, call == nullptr ? "" : call),
      Napi::String::New(env, stack.place.name.data()),
  };
  Napi::Array row = Napi::Array::New(env, values.size());
  for (uint32_t index = 0; index < values.size(); ++index) row.Set(index, values[index]);
  return row;
}

// captureStacks(timeoutMs): a row for each thread.
Napi::Value CaptureStacks(const Napi::CallbackInfo& info, Environment&) {
  const std::vector<ThreadStack> stacks = JavaScriptThreads::Get().Capture(Nanoseconds(info, 0));
  Napi::Array rows = Napi::Array::New(info.Env(), stacks.size());
  for (uint32_t index = 0; index < stacks.size(); ++index) rows.Set(index, ToRow(info.Env(), stacks[index]));
  return rows;
}

// openStackPrinter(low, high, minIntervalMs)
Napi::Value OpenStackPrinter(const Napi::CallbackInfo& info, Environment& environment) {
  return Result(info, environment.OpenStackPrinter(Signals(info, 0), Nanoseconds(info, 2)));
}

Napi::Value CloseStackPrinter(const Napi::CallbackInfo& info, Environment& environment) {
  environment.CloseStackPrinter();
  return Result(info, 0);
}

}  // namespace

void AddStackBindings(Napi::Object target, Environment* environment) {
  Bind<CaptureStacks>(target, "captureStacks", environment);
  Bind<OpenStackPrinter>(target, "openStackPrinter", environment);
  Bind<CloseStackPrinter>(target, "closeStackPrinter", environment);
}

}  // namespace sigkit
