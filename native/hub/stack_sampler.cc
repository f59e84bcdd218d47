#include "hub/stack_sampler.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "hub/javascript_threads.h"
#include "hub/own_dump.h"
#include "posix/dump_folder.h"
#include "posix/json.h"

namespace sigkit {
namespace {

constexpr Time kInterval = kSecond / 100;
constexpr Time kPatience = kInterval / 2;
constexpr uint32_t kUsualSeconds = 10;
// What it finds is kept in memory.
constexpr uint32_t kMostSeconds = 600;

}  // namespace

void StackSampler::Begin(DiagnosticRequest request) {
  if (request.seconds == 0) request.seconds = kUsualSeconds;
  request.seconds = std::min(request.seconds, kMostSeconds);
  next_ = Now();
  end_ = next_ + request.seconds * kSecond;
  looks_ = 0;
  found_.clear();
  request_ = std::move(request);
}

void StackSampler::Look() {
  ++looks_;
  for (const ThreadStack& stack : JavaScriptThreads::Get().Capture(kPatience, [] { return false; })) {
    if (stack.activity == ThreadActivity::kIdle) continue;
    const std::string name = stack.id == 0 ? "main" : stack.name;
    ++found_[name + '\n' + (stack.activity == ThreadActivity::kRunning ? stack.frames : "in native code")];
  }
  next_ = Now() + kInterval;
}

std::string StackSampler::End(DiagnosticRequest* request) {
  *request = std::move(request_);
  end_ = 0;
  std::string json = R"({"schema":1,"kind":"stackSamples")";
  AppendMember(&json, "at", UtcNow());
  AppendMember(&json, "pid", getpid());
  AppendAsked(&json, *request);
  AppendMember(&json, "seconds", request->seconds);
  AppendMember(&json, "looks", looks_);
  AppendKey(&json, "found");
  json += '[';
  for (const auto& [text, count] : found_) {
    const size_t end = text.find('\n');
    if (json.back() != '[') json += ',';
    json += '{';
    AppendMember(&json, "count", count);
    AppendMember(&json, "thread", text.substr(0, end));
    AppendLines(&json, "stack", std::string_view(text).substr(end + 1));
    json += '}';
  }
  json += "]}\n";
  found_.clear();
  return json;
}

}  // namespace sigkit
