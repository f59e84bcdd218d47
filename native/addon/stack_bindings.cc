#include "addon/bindings.h"
#include "hub/javascript_threads.h"
#include "posix/syscall_names.h"

namespace sigkit {
namespace {

// [id, name, tid, activity, blocked for ms, frames, the number of its system call or a negative one, its name, where it
// waits in the kernel]: lib/diagnostics/stacks.ts makes an object of it.
napi_value ToRow(napi_env env, const ThreadStack& stack) {
  constexpr double kNanosecondsPerMs = 1e6;
  const char* const call = SyscallName(stack.call);
  napi_value row = nullptr;
  uint32_t length = 0;
  napi_create_array(env, &row);
  const auto add = [&](napi_value value) { napi_set_element(env, row, length++, value); };
  const auto number = [&](double value) {
    napi_value made = nullptr;
    napi_create_double(env, value, &made);
    add(made);
  };
  const auto text = [&](const char* value, size_t size) {
    napi_value made = nullptr;
    napi_create_string_utf8(env, value, size, &made);
    add(made);
  };
  number(stack.id);
  text(stack.name.data(), stack.name.size());
  number(stack.tid);
  number(static_cast<double>(stack.activity));
  number(static_cast<double>(stack.blocked_for) / kNanosecondsPerMs);
  text(stack.frames.data(), stack.frames.size());
  number(static_cast<double>(stack.call));
  text(call == nullptr ? "" : call, NAPI_AUTO_LENGTH);
  text(stack.place.name.data(), NAPI_AUTO_LENGTH);
  return row;
}

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
  napi_value rows = nullptr;
  napi_create_array(info.Env(), &rows);
  uint32_t count = 0;
  for (const ThreadStack& stack : stacks) napi_set_element(info.Env(), rows, count++, ToRow(info.Env(), stack));
  return {info.Env(), rows};
}

}  // namespace

void AddStackBindings(Napi::Object target, Environment* environment) {
  Bind<CaptureStacks>(target, "captureStacks", environment);
}

}  // namespace sigkit
