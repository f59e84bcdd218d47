#include "addon/row.h"

#include "posix/syscall_names.h"

namespace sigkit {

void Row::Add(double number) {
  napi_value made = nullptr;
  napi_create_double(env_, number, &made);
  Add(made);
}

void Row::Add(std::string_view text) {
  napi_value made = nullptr;
  napi_create_string_utf8(env_, text.data(), text.size(), &made);
  Add(made);
}

void Row::AddMs(Time time) {
  constexpr double kNanosecondsPerMs = 1e6;
  Add(static_cast<double>(time) / kNanosecondsPerMs);
}

napi_value ToRow(napi_env env, const ThreadStack& stack) {
  const char* const call = SyscallName(stack.call);
  Row row(env);
  row.Add(stack.id);
  row.Add(stack.name);
  row.Add(stack.tid);
  row.Add(static_cast<double>(stack.activity));
  row.AddMs(stack.blocked_for);
  row.Add(stack.frames);
  row.Add(static_cast<double>(stack.call));
  row.Add(std::string_view(call == nullptr ? "" : call));
  row.Add(std::string_view(stack.place.name.data()));
  for (const NativeFrame& frame : stack.native_frames) {
    row.Add(frame.function);
    row.Add(frame.file);
    row.Add(static_cast<double>(frame.offset));
  }
  return row.value();
}

}  // namespace sigkit
