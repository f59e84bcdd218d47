#include <signal.h>
#include <sys/utsname.h>

#include "addon/bindings.h"
#include "addon/owner.h"
#include "posix/standard_flags.h"

namespace sigkit {
namespace {

// Workers have loops of their own.
bool IsMainThread(Napi::Env env) {
  uv_loop_t* loop = nullptr;
  return napi_get_uv_event_loop(env, &loop) == napi_ok && loop == uv_default_loop();
}

// attach(onWake): the functions of this environment. Undefined while it is being torn down.
Napi::Value Attach(const Napi::CallbackInfo& info) {
  Environment* environment = Environment::Open(info.Env(), info[0].As<Napi::Function>(), IsMainThread(info.Env()));
  if (environment == nullptr) return info.Env().Undefined();
  Napi::Object functions = Napi::Object::New(info.Env());
  if (functions.IsEmpty()) return info.Env().Undefined();
  functions.Set("exchange", environment->exchange_buffer());
  functions.Set("batch", environment->batch_buffer());
  AddMaskBindings(functions, environment);
  AddStreamBindings(functions, environment);
  AddDispositionBindings(functions, environment);
  AddSendingBindings(functions, environment);
  AddProcessBindings(functions, environment);
  AddWaitBindings(functions, environment);
  AddGuardBindings(functions, environment);
  AddNotifyBindings(functions, environment);
  AddWatchdogBindings(functions, environment);
  AddListenerBindings(functions, environment);
  AddSpawnBindings(functions, environment);
  return functions;
}

Napi::Object Initialize(Napi::Env env, Napi::Object exports) {
  const Owner owner = FindOwner();
  exports.Set("abi", owner.abi);
  exports.Set("owner", owner.path);
  if (!owner.path.empty()) return exports;
  RememberStandardFlags();
  exports.Set("realtimeMin", SIGRTMIN);
  exports.Set("realtimeMax", SIGRTMAX);
  exports.Set("isMainThread", IsMainThread(env));
  utsname system;
  if (uname(&system) == 0) exports.Set("kernelRelease", system.release);
  exports.Set("attach", Napi::Function::New(env, Attach, "attach"));
  return exports;
}

}  // namespace
}  // namespace sigkit

static Napi::Object Init(Napi::Env env, Napi::Object exports) { return sigkit::Initialize(env, exports); }

NODE_API_MODULE(sigkit, Init)
