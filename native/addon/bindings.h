#ifndef SIGKIT_ADDON_BINDINGS_H_
#define SIGKIT_ADDON_BINDINGS_H_

#include <napi.h>

#include <cmath>
#include <memory>

#include "addon/environment.h"
#include "posix/clock.h"
#include "posix/held_group.h"
#include "posix/notify_socket.h"
#include "posix/signal_set.h"

namespace sigkit {

// Each adds its functions to the object that an environment gets. Arguments have been checked by lib/: numbers in
// range, sets as two 32-bit halves. Results are a number, 0 or more, or a negative errno; the rest is in the exchange.
void AddMaskBindings(Napi::Object target, Environment* environment);
void AddStreamBindings(Napi::Object target, Environment* environment);
void AddDispositionBindings(Napi::Object target, Environment* environment);
void AddSendingBindings(Napi::Object target, Environment* environment);
void AddProcessBindings(Napi::Object target, Environment* environment);
void AddWaitBindings(Napi::Object target, Environment* environment);
void AddGuardBindings(Napi::Object target, Environment* environment);
void AddNotifyBindings(Napi::Object target, Environment* environment);
void AddWatchdogBindings(Napi::Object target, Environment* environment);
void AddListenerBindings(Napi::Object target, Environment* environment);
void AddSpawnBindings(Napi::Object target, Environment* environment);
void AddStackBindings(Napi::Object target, Environment* environment);
void AddDiagnosticBindings(Napi::Object target, Environment* environment);
void AddStallBindings(Napi::Object target, Environment* environment);

using BoundFunction = Napi::Value (*)(const Napi::CallbackInfo&, Environment&);

// By the plain C call: what Napi::Function makes of each is three times as large.
template <BoundFunction function>
napi_value CallBound(napi_env env, napi_callback_info info) {
  const Napi::CallbackInfo call(env, info);
  return function(call, *static_cast<Environment*>(call.Data()));
}

void BindCallback(Napi::Object target, const char* name, napi_callback callback, Environment* environment);

template <BoundFunction function>
void Bind(Napi::Object target, const char* name, Environment* environment) {
  BindCallback(target, name, CallBound<function>, environment);
}

// Numbers by the plain C calls: Napi::Number brings the making of an error into each call, a kilobyte of code each
// time.

inline uint32_t Word(const Napi::CallbackInfo& info, size_t index) {
  uint32_t word = 0;
  napi_get_value_uint32(info.Env(), info[index], &word);
  return word;
}

inline int Integer(const Napi::CallbackInfo& info, size_t index) {
  int32_t integer = 0;
  napi_get_value_int32(info.Env(), info[index], &integer);
  return integer;
}

inline bool Flag(const Napi::CallbackInfo& info, size_t index) {
  bool flag = false;
  napi_get_value_bool(info.Env(), info[index], &flag);
  return flag;
}

inline double Double(const Napi::CallbackInfo& info, size_t index) {
  double number = 0;
  napi_get_value_double(info.Env(), info[index], &number);
  return number;
}

inline std::string Text(const Napi::CallbackInfo& info, size_t index) {
  return info[index].As<Napi::String>().Utf8Value();
}

// Of milliseconds; Infinity is never.
inline Time Nanoseconds(const Napi::CallbackInfo& info, size_t index) {
  const double milliseconds = Double(info, index);
  return std::isinf(milliseconds) ? kNever : static_cast<Time>(milliseconds * 1e6);
}

inline SignalSet Signals(const Napi::CallbackInfo& info, size_t low) {
  return SignalSet(uint64_t{Word(info, low + 1)} << 32 | Word(info, low));
}

// Of four arguments: the group, the witness, its start time, its pidfd.
inline HeldGroup GroupAt(const Napi::CallbackInfo& info, Environment& environment, size_t first) {
  return {.pgid = Integer(info, first),
          .witness = Integer(info, first + 1),
          .start_time = static_cast<uint64_t>(Double(info, first + 2)),
          .pidfd = environment.processes().Descriptor(Integer(info, first + 3))};
}

using SharedNotifySocket = std::shared_ptr<NotifySocket>;

inline SharedNotifySocket& NotifySocketAt(const Napi::CallbackInfo& info, size_t index) {
  return *info[index].As<Napi::External<SharedNotifySocket>>().Data();
}

inline void PutSet(uint32_t* words, SignalSet set) {
  words[0] = static_cast<uint32_t>(set.bits());
  words[1] = static_cast<uint32_t>(set.bits() >> 32);
}

inline Napi::Value Result(const Napi::CallbackInfo& info, double value) {
  napi_value result = nullptr;
  napi_create_double(info.Env(), value, &result);
  return {info.Env(), result};
}

// Its number, or a negative errno.
inline Napi::Value ClaimOutcome(const Napi::CallbackInfo& info, const ClaimResult& result) {
  if (result.report.error < 0) return Result(info, result.report.error);
  return Result(info, result.id);
}

// Where the exchange holds what (lib/base/native.ts has the same table).
inline constexpr size_t kSetWords = 0;
inline constexpr size_t kReportWords = 2;
inline constexpr size_t kStateWords = 0;
inline constexpr size_t kStepWord = 0;
inline constexpr size_t kStatusWord = 0;
inline constexpr size_t kUsageDoubles = 1;  // of 8 bytes each
inline constexpr size_t kPidfdWord = 1;
inline constexpr size_t kPipeWords = 2;
inline constexpr size_t kSocketWords = 0;

void PutReport(Environment& environment, const MaskReport& report);

}  // namespace sigkit

#endif  // SIGKIT_ADDON_BINDINGS_H_
