#include "hub/loop_sampler.h"

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
constexpr size_t kMostPlaces = 10'000;

}  // namespace

void LoopSampler::Begin(std::unique_ptr<DiagnosticRequest> request) {
  if (request->seconds == 0) request->seconds = kUsualSeconds;
  request->seconds = std::min(request->seconds, kMostSeconds);
  next_ = Now();
  end_ = next_ + request->seconds * kSecond;
  looks_ = 0;
  request_ = std::move(request);
}

void LoopSampler::Look() {
  ++looks_;
  for (const ThreadStack& stack : JavaScriptThreads::Get().Capture(kPatience, [] { return false; })) {
    if (stack.activity == ThreadActivity::kIdle) continue;
    std::string text = stack.id == 0 ? "main" : stack.name;
    text += '\n';
    text += stack.activity == ThreadActivity::kRunning ? stack.frames : "in native code";
    Count(std::move(text));
  }
  next_ = Now() + kInterval;
}

void LoopSampler::Count(std::string text) {
  for (Found& found : found_) {
    if (found.text != text) continue;
    ++found.count;
    return;
  }
  if (found_.size() < kMostPlaces) found_.push_back({.count = 1, .text = std::move(text)});
}

std::string LoopSampler::Text() const {
  std::string json = R"({"schema":1,"kind":"stackSamples")";
  AppendMember(&json, "at", UtcNow());
  AppendMember(&json, "pid", getpid());
  AppendAsked(&json, *request_);
  AppendMember(&json, "seconds", request_->seconds);
  AppendMember(&json, "looks", looks_);
  AppendKey(&json, "found");
  json += '[';
  for (const auto& [count, text] : found_) {
    const std::string_view lines = text;
    const size_t end = lines.find('\n');
    if (json.back() != '[') json += ',';
    json += '{';
    AppendMember(&json, "count", count);
    AppendMember(&json, "thread", lines.substr(0, end));
    AppendLines(&json, "stack", lines.substr(end + 1));
    json += '}';
  }
  json += "]}\n";
  return json;
}

std::unique_ptr<DiagnosticRequest> LoopSampler::End() {
  end_ = 0;
  found_.clear();
  return std::move(request_);
}

}  // namespace sigkit
