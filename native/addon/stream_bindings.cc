#include <algorithm>

#include "addon/bindings.h"

namespace sigkit {
namespace {

Napi::Value Claim(const Napi::CallbackInfo& info, Environment& environment) {
  const ClaimOptions options = {.signals = Signals(info, 0),
                                .capacity = Word(info, 2),
                                .overflow = static_cast<Overflow>(Integer(info, 3)),
                                .exclusive = Flag(info, 4),
                                .by_loop = Flag(info, 5),
                                .once = Flag(info, 6)};
  const ClaimResult result = environment.Claim(options);
  environment.exchange()[kStepWord] = static_cast<uint32_t>(result.step);
  PutReport(environment, result.report);
  return ClaimOutcome(info, result);
}

// Its number, 0 if there is nothing to claim, or a negative errno.
Napi::Value ClaimEarly(const Napi::CallbackInfo& info, Environment& environment) {
  const ClaimResult result = Hub::Get().ClaimEarly(&environment, Signals(info, 0), Nanoseconds(info, 2));
  environment.exchange()[kStepWord] = static_cast<uint32_t>(result.step);
  return ClaimOutcome(info, result);
}

Napi::Value GiveBackEarly(const Napi::CallbackInfo& info, Environment&) {
  Hub::Get().GiveBackEarly(Signals(info, 0));
  return Result(info, 0);
}

Napi::Value Close(const Napi::CallbackInfo& info, Environment& environment) {
  environment.Close(Word(info, 0));
  return Result(info, 0);
}

Napi::Value Free(const Napi::CallbackInfo& info, Environment& environment) {
  environment.Free(Word(info, 0));
  return Result(info, 0);
}

Napi::Value Take(const Napi::CallbackInfo& info, Environment& environment) {
  const size_t limit = std::min<size_t>(Word(info, 1), Environment::kBatch);
  bool ended = false;
  const size_t count = Hub::Get().Take(Word(info, 0), environment.batch(), limit, Flag(info, 2), &ended);
  return Result(info, ended ? -1 : static_cast<double>(count));
}

// queued, dropped (two words), the signals still claimed (two words).
Napi::Value State(const Napi::CallbackInfo& info, Environment& environment) {
  const StreamState state = Hub::Get().State(Word(info, 0));
  uint32_t* words = environment.exchange() + kStateWords;
  words[0] = static_cast<uint32_t>(state.queued);
  words[1] = static_cast<uint32_t>(state.dropped);
  words[2] = static_cast<uint32_t>(state.dropped >> 32);
  PutSet(words + 3, state.signals);
  return Result(info, 0);
}

Napi::Value Drain(const Napi::CallbackInfo& info, Environment&) {
  Hub::Get().Drain();
  return Result(info, 0);
}

Napi::Value TakeReady(const Napi::CallbackInfo& info, Environment& environment) {
  return Result(info, static_cast<double>(
                          Hub::Get().TakeReady(&environment, environment.exchange(), Environment::kExchangeWords)));
}

Napi::Value FindWatchers(const Napi::CallbackInfo& info, Environment& environment) {
  return Result(info, static_cast<double>(environment.FindWatchers(Integer(info, 0))));
}

// What a listener throws is on its way to the caller then.
Napi::Value TellWatcher(const Napi::CallbackInfo& info, Environment& environment) {
  environment.TellWatcher(Integer(info, 0), Word(info, 1));
  return {};
}

Napi::Value SetHandingOn(const Napi::CallbackInfo& info, Environment&) {
  Hub::Get().SetHandingOn(Signals(info, 0));
  return Result(info, 0);
}

Napi::Value WakeLater(const Napi::CallbackInfo& info, Environment& environment) {
  environment.Wake();
  return Result(info, 0);
}

Napi::Value KeepAlive(const Napi::CallbackInfo& info, Environment& environment) {
  environment.KeepAlive(Flag(info, 0));
  return Result(info, 0);
}

}  // namespace

void AddStreamBindings(Napi::Object target, Environment* environment) {
  Bind<Claim>(target, "claim", environment);
  Bind<ClaimEarly>(target, "claimEarly", environment);
  Bind<GiveBackEarly>(target, "giveBackEarly", environment);
  Bind<Close>(target, "close", environment);
  Bind<Free>(target, "free", environment);
  Bind<Take>(target, "take", environment);
  Bind<State>(target, "state", environment);
  Bind<Drain>(target, "drain", environment);
  Bind<TakeReady>(target, "takeReady", environment);
  Bind<FindWatchers>(target, "findWatchers", environment);
  Bind<TellWatcher>(target, "tellWatcher", environment);
  Bind<SetHandingOn>(target, "setHandingOn", environment);
  Bind<WakeLater>(target, "wakeLater", environment);
  Bind<KeepAlive>(target, "keepAlive", environment);
}

}  // namespace sigkit
