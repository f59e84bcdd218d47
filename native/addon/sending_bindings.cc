#include <cerrno>
#include <cstdlib>

#include "addon/bindings.h"
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
  // Node's own exit would do this; a raw terminal is nothing to leave behind.
  uv_tty_reset_mode();
  DieOf(Integer(info, 0));
}

// By exit(3), when Node and all others have done what they do at an exit: coverage and profiles are written, say.
Napi::Value ExitBySignalAtLast(const Napi::CallbackInfo& info, Environment&) {
  static int last_signal = 0;
  last_signal = Integer(info, 0);
  const auto die = [] {
    uv_tty_reset_mode();
    DieOf(last_signal);
  };
  return Result(info, std::atexit(die) == 0 ? 0 : -ENOMEM);
}

Napi::Value OwnThreadId(const Napi::CallbackInfo& info, Environment&) { return Result(info, ThreadId()); }

}  // namespace

void AddSendingBindings(Napi::Object target, Environment* environment) {
  Bind<SendToProcess>(target, "kill", environment);
  Bind<SendToOneThread>(target, "tgkill", environment);
  Bind<QueueToProcess>(target, "sigqueue", environment);
  Bind<ExitBySignal>(target, "exitBySignal", environment);
  Bind<ExitBySignalAtLast>(target, "exitBySignalAtLast", environment);
  Bind<OwnThreadId>(target, "gettid", environment);
}

}  // namespace sigkit
