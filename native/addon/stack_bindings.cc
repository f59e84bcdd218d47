#include "addon/bindings.h"
#include "hub/javascript_threads.h"
#include "posix/syscall_names.h"

namespace sigkit {
void Row::Add(double number) {
  napi_value made = nullptr;
  napi_create_double(env_, number, &made);
  Add(made);
}

void Row::Add(const char* text, size_t size) {
  napi_value made = nullptr;
  napi_create_string_utf8(env_, text, size, &made);
  Add(made);
}

void Row::AddMs(Time time) {
  constexpr double kNanosecondsPerMs = 1e6;
  Add(static_cast<double>(time) / kNanosecondsPerMs);
}

// [id, name, tid, activity, blocked for ms, frames, the number of its system call or a negative one, its name, where it
// waits in the kernel, and of each native frame its function, file and offset]: lib/diagnostics/stacks.ts makes an
// object of it.
napi_value ToRow(napi_env env, const ThreadStack& stack) {
  const char* const call = SyscallName(stack.call);
  Row row(env);
  row.Add(stack.id);
  row.Add(stack.name.data(), stack.name.size());
  row.Add(stack.tid);
  row.Add(static_cast<double>(stack.activity));
  row.AddMs(stack.blocked_for);
  row.Add(stack.frames.data(), stack.frames.size());
  row.Add(static_cast<double>(stack.call));
  row.Add(call == nullptr ? "" : call, NAPI_AUTO_LENGTH);
  row.Add(stack.place.name.data(), NAPI_AUTO_LENGTH);
  for (const NativeFrame& frame : stack.native_frames) {
    row.Add(frame.function.data(), frame.function.size());
    row.Add(frame.file.data(), frame.file.size());
    row.Add(static_cast<double>(frame.offset));
  }
  return row.value();
}

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
