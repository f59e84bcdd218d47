#include <signal.h>

#include "addon/bindings.h"
#include "addon/owner.h"

namespace sigkit {
namespace {

// attach(onWake, isMainThread): the functions of this environment. Undefined while it is being torn down.
Napi::Value Attach(const Napi::CallbackInfo& info) {
  Environment* environment =
      Environment::Open(info.Env(), info[0].As<Napi::Function>(), info[1].As<Napi::Boolean>().Value());
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
  exports.Set("realtimeMin", SIGRTMIN);
  exports.Set("realtimeMax", SIGRTMAX);
  exports.Set("attach", Napi::Function::New(env, Attach, "attach"));
  return exports;
}

}  // namespace
}  // namespace sigkit

static Napi::Object Init(Napi::Env env, Napi::Object exports) { return sigkit::Initialize(env, exports); }

NODE_API_MODULE(sigkit, Init)
