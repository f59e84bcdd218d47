#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "addon/bindings.h"
#include "posix/inherited_fd.h"

namespace sigkit {
namespace {

std::vector<int> Descriptors(const Napi::Value& value) {
  const auto list = value.As<Napi::Int32Array>();
  return {list.Data(), list.Data() + list.ElementLength()};
}

// openNotifySocket(address, pid or 0): what the others take, or a negative errno. It ends with closeNotifySocket, when
// it is collected, or with the environment.
Napi::Value OpenNotifySocket(const Napi::CallbackInfo& info, Environment&) {
  auto socket = std::make_shared<NotifySocket>(Text(info, 0), Integer(info, 1));
  const int error = socket->Open();
  if (error < 0) return Result(info, error);
  SharedNotifySocket* const held = std::make_unique<SharedNotifySocket>(std::move(socket)).release();
  const auto free = [](Napi::Env, SharedNotifySocket* data) { const std::unique_ptr<SharedNotifySocket> owner(data); };
  const auto external = Napi::External<SharedNotifySocket>::New(info.Env(), held, free);
  if (external.IsEmpty()) {
    free(info.Env(), held);
    return info.Env().Undefined();
  }
  return external;
}

Napi::Value CloseNotifySocket(const Napi::CallbackInfo& info, Environment&) {
  NotifySocketAt(info, 0).reset();
  return Result(info, 0);
}

// notify(socket, message, descriptors)
Napi::Value Notify(const Napi::CallbackInfo& info, Environment&) {
  const std::string message = Text(info, 1);
  return Result(info, NotifySocketAt(info, 0)->Send(message, Descriptors(info[2])));
}

// notifyBarrier(socket): a descriptor that is lent until settle(), or a negative errno.
Napi::Value NotifyBarrier(const Napi::CallbackInfo& info, Environment& environment) {
  UniqueFd released;
  const int error = NotifySocketAt(info, 0)->SendBarrier(&released);
  if (error < 0) return Result(info, error);
  const int fd = released.Release();
  environment.processes().Lend(fd);
  return Result(info, fd);
}

// takeInherited(fd): 0 or a negative errno; family, type and whether it listens are in the exchange.
Napi::Value TakeInheritedDescriptor(const Napi::CallbackInfo& info, Environment& environment) {
  SocketKind kind;
  const int error = TakeInherited(Integer(info, 0), &kind);
  const std::array<int, 3> words = {kind.family, kind.type, kind.listens};
  for (size_t index = 0; index < words.size(); ++index) {
    environment.exchange()[kSocketWords + index] = static_cast<uint32_t>(words[index]);
  }
  return Result(info, error);
}

}  // namespace

void AddNotifyBindings(Napi::Object target, Environment* environment) {
  Bind<OpenNotifySocket>(target, "openNotifySocket", environment);
  Bind<CloseNotifySocket>(target, "closeNotifySocket", environment);
  Bind<Notify>(target, "notify", environment);
  Bind<NotifyBarrier>(target, "notifyBarrier", environment);
  Bind<TakeInheritedDescriptor>(target, "takeInherited", environment);
}

}  // namespace sigkit
