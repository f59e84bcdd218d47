#include <signal.h>
#include <sys/utsname.h>

#include "addon/bindings.h"
#include "addon/owner.h"
#include "addon/turn_pulse.h"
#include "hub/javascript_threads.h"
#include "posix/standard_flags.h"

namespace sigkit {
namespace {

// Workers have loops of their own.
bool IsMainThread(Napi::Env env) {
  uv_loop_t* loop = nullptr;
  return napi_get_uv_event_loop(env, &loop) == napi_ok && loop == uv_default_loop();
}

// Whoever has loaded the addon can be asked for its stack.
void EnterThread(Napi::Env env) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return;
  const auto turn_began = [](const void* turning) {
    return static_cast<Time>(uv_now(static_cast<const uv_loop_t*>(turning))) * kMillisecond;
  };
  const auto idle_time = [](const void* idling) {
    return static_cast<Time>(uv_metrics_idle_time(static_cast<uv_loop_t*>(const_cast<void*>(idling))));
  };
  // Node ends the process over a second hook that is the same.
  if (!JavaScriptThreads::Get().Enter({.descriptor = uv_backend_fd(loop),
                                       .loop = loop,
                                       .turn_began = turn_began,
                                       .idle_time = idle_time,
                                       .open_pulse = OpenTurnPulse,
                                       .close_pulse = CloseTurnPulse})) {
    return;
  }
  napi_add_env_cleanup_hook(
      env, [](void*) { JavaScriptThreads::Get().Leave(); }, nullptr);
}

// nameThread(id, name): of a Worker, whose name only JavaScript knows.
void NameThread(const Napi::CallbackInfo& info) { JavaScriptThreads::Get().Name(Integer(info, 0), Text(info, 1)); }

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
  AddStackBindings(functions, environment);
  AddDiagnosticBindings(functions, environment);
  AddStallBindings(functions, environment);
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
  EnterThread(env);
  exports.Set("nameThread", Napi::Function::New(env, NameThread, "nameThread"));
  exports.Set("attach", Napi::Function::New(env, Attach, "attach"));
  return exports;
}

}  // namespace

void BindCallback(Napi::Object target, const char* name, napi_callback callback, Environment* environment) {
  napi_value function = nullptr;
  if (napi_create_function(target.Env(), name, NAPI_AUTO_LENGTH, callback, environment, &function) == napi_ok) {
    napi_set_named_property(target.Env(), target, name, function);
  }
}

}  // namespace sigkit

static Napi::Object Init(Napi::Env env, Napi::Object exports) { return sigkit::Initialize(env, exports); }

NODE_API_MODULE(sigkit, Init)
