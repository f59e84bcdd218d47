#include <string_view>
#include <utility>

#include "addon/bindings.h"
#include "addon/row.h"
#include "posix/syscalls.h"

namespace sigkit {
namespace {

struct Words {
  explicit Words(const Napi::Value& value) {
    void* data = nullptr;
    napi_get_typedarray_info(value.Env(), value, nullptr, &count, &data, nullptr, nullptr);
    first = static_cast<const uint32_t*>(data);
  }
  const uint32_t* first = nullptr;
  size_t count = 0;
};

// [1: not everybody, 1: the parent, 1: who has no pid here, how many users, users..., processes...]
void ReadSenders(const Words& words, AllowedSenders* senders) {
  const uint32_t* const users = words.first + 4;
  const uint32_t* const processes = users + words.first[3];
  senders->everybody = words.first[0] == 0;
  senders->parent = words.first[1] != 0;
  senders->unknown = words.first[2] != 0;
  senders->uids.assign(users, processes);
  senders->pids.assign(processes, words.first + words.count);
}

// openDiagnostics(actions by signal, allowed senders, minIntervalMs, descriptor of the directory or -1, directory,
// maxBytes, maxFiles, about)
Napi::Value OpenDiagnostics(const Napi::CallbackInfo& info, Environment& environment) {
  Diagnostics::Options options;
  const Words actions(info[0]);
  constexpr uint32_t kNone = 255;
  for (size_t signo = 1; signo <= kSignalCount; ++signo) {
    const uint32_t action = actions.first[signo];
    if (action == kNone) continue;
    options.signals |= SignalSet::Of(static_cast<int>(signo));
    options.actions[signo] = static_cast<DiagnosticAction>(action);
  }
  ReadSenders(Words(info[1]), &options.allowed);
  options.interval = Nanoseconds(info, 2);
  options.folder = Integer(info, 3);
  options.directory = Text(info, 4);
  options.limits = {.bytes = static_cast<uint64_t>(Double(info, 5)), .files = static_cast<uint64_t>(Double(info, 6))};
  options.thread = ThreadId();
  options.about = Text(info, 7);
  return Result(info, environment.OpenDiagnostics(std::move(options)));
}

Napi::Value CloseDiagnostics(const Napi::CallbackInfo& info, Environment& environment) {
  environment.CloseDiagnostics();
  return Result(info, 0);
}

// [id, action, seconds, merged, name of the sender, its arguments with a null after each]
napi_value ToRow(napi_env env, const DiagnosticRequest& request) {
  const SenderProgram& sender = request.sender;
  Row row(env);
  row.Add(request.id);
  row.Add(static_cast<double>(request.action));
  row.Add(request.seconds);
  row.Add(request.merged);
  row.Add(std::string_view(sender.name.data()));
  row.Add(std::string_view(sender.arguments.data(), sender.length));
  return row.value();
}

struct Taking {
  napi_env env;
  SignalRecord* batch;
  Row rows;
};

// takeDiagnosticRequests(): rows, whose signals are in the batch; in the exchange after how many milliseconds there may
// be more, 0 if nothing waits.
Napi::Value TakeDiagnosticRequests(const Napi::CallbackInfo& info, Environment& environment) {
  Taking taking = {.env = info.Env(), .batch = environment.batch(), .rows = Row(info.Env())};
  constexpr Time kLongest = (Time{1} << 31U) * kMillisecond;
  Time look_again = kLongest;
  Hub::Get().diagnostics().Take(
      &look_again,
      [](const DiagnosticRequest& request, void* context) {
        auto& [env, batch, rows] = *static_cast<Taking*>(context);
        *batch++ = request.record;
        rows.Add(ToRow(env, request));
      },
      &taking);
  environment.exchange()[0] = look_again == kLongest ? 0 : static_cast<uint32_t>(ToMilliseconds(look_again)) + 1;
  return {info.Env(), taking.rows.value()};
}

// finishDiagnosticRequest(id, text, file, error)
Napi::Value FinishDiagnosticRequest(const Napi::CallbackInfo& info, Environment&) {
  Hub::Get().diagnostics().Finish(Word(info, 0), Text(info, 1), Text(info, 2), Text(info, 3));
  return Result(info, 0);
}

Napi::Value TellState(const Napi::CallbackInfo& info, Environment&) {
  Row numbers(info.Env());
  for (const double number : Hub::Get().Tell()) numbers.Add(number);
  return {info.Env(), numbers.value()};
}

// ownDescriptors(): those that sigkit has open for itself.
Napi::Value OwnDescriptors(const Napi::CallbackInfo& info, Environment&) {
  constexpr int kHighest = 4096;
  Row numbers(info.Env());
  for (int fd = 0; fd < kHighest; ++fd) {
    if (OwnedFd::Holds(fd)) numbers.Add(fd);
  }
  return {info.Env(), numbers.value()};
}

}  // namespace

void AddDiagnosticBindings(Napi::Object target, Environment* environment) {
  Bind<OpenDiagnostics>(target, "openDiagnostics", environment);
  Bind<CloseDiagnostics>(target, "closeDiagnostics", environment);
  Bind<TakeDiagnosticRequests>(target, "takeDiagnosticRequests", environment);
  Bind<FinishDiagnosticRequest>(target, "finishDiagnosticRequest", environment);
  Bind<TellState>(target, "tellState", environment);
  Bind<OwnDescriptors>(target, "ownDescriptors", environment);
}

}  // namespace sigkit
