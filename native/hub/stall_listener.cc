#include "hub/stall_listener.h"

#include <unistd.h>

#include <array>
#include <utility>

#include "hub/format.h"
#include "hub/hang_text.h"
#include "hub/say.h"
#include "hub/stack_text.h"
#include "posix/dump_folder.h"
#include "posix/escape.h"

namespace sigkit {
namespace {

// For one that hangs, and is not told of others meanwhile.
constexpr size_t kMostNews = 64;

std::string WhatHappens(const Stall& stall) {
  return Format("the event loop of %s (thread %d) %s %lld ms", stall.id == 0 ? "main" : stall.name.c_str(), stall.id,
                stall.ended ? "goes on after" : "has been blocked for", ToMilliseconds(stall.length));
}

void Say(const Stall& stall) {
  const bool has_stack = !stall.ended && !stall.stacks.empty();
  sigkit::Say("%s%s", WhatHappens(stall).c_str(), has_stack ? HangText(stall.stacks.back()).c_str() : "");
}

void AppendLine(std::string* text, const char* indent, const std::string& line) {
  constexpr size_t kLine = 1024;
  std::array<char, kLine * kEscapedBytes> escaped;
  *text += indent;
  text->append(escaped.data(), Escape(std::string_view(line).substr(0, kLine), escaped.data()));
  *text += '\n';
}

std::string LinesOf(const Stall& stall) {
  std::string text = UtcNow() + " pid " + std::to_string(getpid());
  AppendLine(&text, ": ", WhatHappens(stall));
  if (stall.stacks.empty() || stall.ended) return text;
  for (const std::string& line : FrameLines(stall.stacks.back())) AppendLine(&text, "    ", line);
  return text;
}

}  // namespace

StallListener::Heard* StallListener::Find(pid_t tid) {
  for (Heard& heard : threads_)
    if (heard.tid == tid) return &heard;
  return nullptr;
}

bool StallListener::IsNew(pid_t tid, uint64_t turn) {
  const Heard* const heard = Find(tid);
  return heard == nullptr || heard->turn != turn;
}

bool StallListener::Begin(pid_t tid, uint64_t turn, Time now) {
  Heard* const known = Find(tid);
  Heard& heard = known != nullptr ? *known : threads_.emplace_back();
  heard.tid = tid;
  heard.turn = turn;
  heard.told = known == nullptr || now - heard.last >= options_.interval;
  if (heard.told) {
    heard.last = now;
    heard.omitted_before = std::exchange(heard.omitted, 0);
  } else {
    ++heard.omitted;
  }
  return heard.told;
}

void StallListener::Tell(const Stall& stall, uint64_t turn, std::vector<StallReport>* reports) {
  Heard* const heard = Find(stall.tid);
  if (heard == nullptr || heard->turn != turn || !heard->told) return;
  if (options_.says) Say(stall);
  if (!options_.file.empty()) reports->push_back({options_.file, LinesOf(stall)});
  if (!stall.ended && stall.tid == options_.thread) return;
  if (news_.size() == kMostNews) {
    ++heard->omitted;
    return;
  }
  news_.push_back(stall);
  news_.back().omitted = heard->omitted_before;
  options_.wake(options_.target);
}

std::vector<Stall> StallListener::Take() { return std::exchange(news_, {}); }

}  // namespace sigkit
