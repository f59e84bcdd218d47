#include <algorithm>

#include "addon/bindings.h"

namespace sigkit {
namespace {

Napi::Value ChangeProcessMask(const Napi::CallbackInfo& info, Environment& environment) {
  SignalSet previous;
  const MaskReport report =
      Hub::Get().ChangeProcessMask(static_cast<MaskHow>(Integer(info, 0)), Signals(info, 1), &previous);
  PutSet(environment.exchange() + kSetWords, previous);
  PutReport(environment, report);
  return Result(info, report.error);
}

Napi::Value ChangeThreadMask(const Napi::CallbackInfo& info, Environment& environment) {
  SignalSet previous;
  const int error = Hub::Get().ChangeThreadMask(static_cast<MaskHow>(Integer(info, 0)), Signals(info, 1), &previous);
  PutSet(environment.exchange() + kSetWords, previous);
  return Result(info, error);
}

Napi::Value OpenThread(const Napi::CallbackInfo& info, Environment&) { return Result(info, Hub::Get().OpenThread()); }

Napi::Value CloseThread(const Napi::CallbackInfo& info, Environment&) {
  Hub::Get().CloseThread();
  return Result(info, 0);
}

Napi::Value Pending(const Napi::CallbackInfo& info, Environment& environment) {
  SignalSet pending;
  const int error = PendingSignals(&pending);
  PutSet(environment.exchange() + kSetWords, pending);
  return Result(info, error);
}

Napi::Value BlockSection(const Napi::CallbackInfo& info, Environment& environment) {
  const Reach reach = Flag(info, 2) ? Reach::kCertain : Reach::kCaught;
  const ClaimResult result = Hub::Get().BlockSection(&environment, Signals(info, 0), reach);
  PutReport(environment, result.report);
  return ClaimOutcome(info, result);
}

Napi::Value EndSection(const Napi::CallbackInfo& info, Environment& environment) {
  Hub::Get().EndSection(&environment, Word(info, 0));
  return Result(info, 0);
}

}  // namespace

// updated, already blocked, whether all threads are known, how many unreachable, then their numbers as far as there is
// room.
void PutReport(Environment& environment, const MaskReport& report) {
  uint32_t* words = environment.exchange() + kReportWords;
  *words++ = report.updated;
  *words++ = report.already_blocked;
  *words++ = report.incomplete ? 0 : 1;
  const size_t room = Environment::kExchangeWords - kReportWords - 4;
  const size_t count = std::min(room, report.unreachable.size());
  *words++ = static_cast<uint32_t>(count);
  std::copy_n(report.unreachable.begin(), count, words);
}

void AddMaskBindings(Napi::Object target, Environment* environment) {
  Bind<ChangeProcessMask>(target, "sigprocmask", environment);
  Bind<ChangeThreadMask>(target, "pthreadSigmask", environment);
  Bind<OpenThread>(target, "openThread", environment);
  Bind<CloseThread>(target, "closeThread", environment);
  Bind<Pending>(target, "sigpending", environment);
  Bind<BlockSection>(target, "blockSection", environment);
  Bind<EndSection>(target, "endSection", environment);
}

}  // namespace sigkit
