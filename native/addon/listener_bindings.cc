#include "addon/bindings.h"
#include "posix/listener.h"

namespace sigkit {
namespace {

Napi::Value IgnoreConnections(const Napi::CallbackInfo& info, Environment&) {
  return Result(info, IgnoreNewConnections(Integer(info, 0)));
}

Napi::Value CloseIgnoringListener(const Napi::CallbackInfo& info, Environment&) {
  CloseIgnoring(Integer(info, 0));
  return Result(info, 0);
}

}  // namespace

void AddListenerBindings(Napi::Object target, Environment* environment) {
  Bind<IgnoreConnections>(target, "ignoreConnections", environment);
  Bind<CloseIgnoringListener>(target, "closeIgnoringListener", environment);
}

}  // namespace sigkit
