#include <cerrno>
#include <cstdio>

#include "addon/bindings.h"
#include "addon/standard_streams.h"
#include "posix/lost_terminals.h"
#include "posix/send.h"

namespace sigkit {
namespace {

Napi::Value SendToProcess(const Napi::CallbackInfo& info, Environment&) {
  return Result(info, Kill(Integer(info, 0), Integer(info, 1)));
}

Napi::Value SendToOneThread(const Napi::CallbackInfo& info, Environment&) {
  return Result(info, Hub::Get().SendToThreadOf(Integer(info, 0), Integer(info, 1)));
}

Napi::Value QueueToProcess(const Napi::CallbackInfo& info, Environment&) {
  const uint64_t value = uint64_t{Word(info, 3)} << 32 | Word(info, 2);
  return Result(info, Queue(Integer(info, 0), Integer(info, 1), value));
}

Napi::Value ExitBySignal(const Napi::CallbackInfo& info, Environment&) {
  ResetStandardStreams();
  DieOf(Integer(info, 0));
}

// Of exit(3), or 0.
int last_signal = 0;

// Among the last things of exit(3): coverage and profiles are written, and what atexit(3) has been told is done, such
// as Node's putting back of the standard streams. After it come destructors of libraries that were loaded before this
// one. exit(3) itself would write the buffers of stdio.h later still.
[[gnu::destructor]] void DieAtLast() {
  if (last_signal == 0) return;
  fflush(nullptr);
  ResetStandardStreams();
  DieOf(last_signal);
}

Napi::Value ExitBySignalAtLast(const Napi::CallbackInfo& info, Environment&) {
  last_signal = Integer(info, 0);
  return Result(info, 0);
}

Napi::Value LeaveLostTerminals(const Napi::CallbackInfo& info, Environment&) {
  ReplaceLostTerminals();
  return Result(info, 0);
}

Napi::Value OwnThreadId(const Napi::CallbackInfo& info, Environment&) { return Result(info, ThreadId()); }

}  // namespace

void AddSendingBindings(Napi::Object target, Environment* environment) {
  Bind<SendToProcess>(target, "kill", environment);
  Bind<SendToOneThread>(target, "tgkill", environment);
  Bind<QueueToProcess>(target, "sigqueue", environment);
  Bind<ExitBySignal>(target, "exitBySignal", environment);
  Bind<ExitBySignalAtLast>(target, "exitBySignalAtLast", environment);
  Bind<LeaveLostTerminals>(target, "leaveLostTerminals", environment);
  Bind<OwnThreadId>(target, "gettid", environment);
}

}  // namespace sigkit
