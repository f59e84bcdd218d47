#include "addon/bindings.h"

namespace sigkit {
namespace {

// openGuard(low, high, budgetMs, and which force the end: low and high by the kernel, by sigqueue, by others)
Napi::Value OpenGuard(const Napi::CallbackInfo& info, Environment& environment) {
  const Guard::Options options = {.signals = Signals(info, 0),
                                  .budget = Nanoseconds(info, 2),
                                  .forced_by_kernel = Signals(info, 3),
                                  .forced_by_queue = Signals(info, 5),
                                  .forced_by_others = Signals(info, 7)};
  ClaimStep step = ClaimStep::kThread;
  const int error = environment.OpenGuard(options, &step);
  environment.exchange()[kStepWord] = static_cast<uint32_t>(step);
  return Result(info, error);
}

Napi::Value CloseGuard(const Napi::CallbackInfo& info, Environment& environment) {
  environment.CloseGuard();
  return Result(info, 0);
}

Napi::Value ArmGuard(const Napi::CallbackInfo& info, Environment&) {
  Hub::Get().guard().Arm();
  return Result(info, 0);
}

Napi::Value BeginGuard(const Napi::CallbackInfo& info, Environment&) {
  Hub::Get().BeginGuard();
  return Result(info, 0);
}

Napi::Value ExtendGuard(const Napi::CallbackInfo& info, Environment&) {
  Hub::Get().guard().Extend(Nanoseconds(info, 0));
  return Result(info, 0);
}

Napi::Value DescribeGuard(const Napi::CallbackInfo& info, Environment&) {
  Hub::Get().guard().Describe(Text(info, 0));
  return Result(info, 0);
}

Napi::Value TellGuardDeadline(const Napi::CallbackInfo& info, Environment&) {
  Hub::Get().guard().TellDeadline();
  return Result(info, 0);
}

// concludeGuard(code, signal)
Napi::Value ConcludeGuard(const Napi::CallbackInfo& info, Environment&) {
  Hub::Get().guard().Conclude(Integer(info, 0), Integer(info, 1));
  return Result(info, 0);
}

// addGuardedGroup(pgid, witness, startTime, pidfd)
Napi::Value AddGuardedGroup(const Napi::CallbackInfo& info, Environment& environment) {
  return Result(info, Hub::Get().guard().AddGroup(GroupAt(info, environment, 0)));
}

Napi::Value RemoveGuardedGroup(const Napi::CallbackInfo& info, Environment&) {
  Hub::Get().guard().RemoveGroup(Integer(info, 0));
  return Result(info, 0);
}

}  // namespace

void AddGuardBindings(Napi::Object target, Environment* environment) {
  Bind<OpenGuard>(target, "openGuard", environment);
  Bind<CloseGuard>(target, "closeGuard", environment);
  Bind<ArmGuard>(target, "armGuard", environment);
  Bind<BeginGuard>(target, "beginGuard", environment);
  Bind<ExtendGuard>(target, "extendGuard", environment);
  Bind<DescribeGuard>(target, "describeGuard", environment);
  Bind<TellGuardDeadline>(target, "tellGuardDeadline", environment);
  Bind<ConcludeGuard>(target, "concludeGuard", environment);
  Bind<AddGuardedGroup>(target, "addGuardedGroup", environment);
  Bind<RemoveGuardedGroup>(target, "removeGuardedGroup", environment);
}

}  // namespace sigkit
