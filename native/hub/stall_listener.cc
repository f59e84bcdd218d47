#include "hub/stall_listener.h"

#include <utility>

#include "hub/hang_text.h"
#include "hub/say.h"

namespace sigkit {
namespace {

// For one that hangs, and is not told of others meanwhile.
constexpr size_t kMostNews = 64;

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

void StallListener::Tell(const Stall& stall, uint64_t turn) {
  Heard* const heard = Find(stall.tid);
  if (heard == nullptr || heard->turn != turn || !heard->told) return;
  if (options_.says) Say(stall);
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

void StallListener::Say(const Stall& stall) const {
  const char* const name = stall.id == 0 ? "main" : stall.name.c_str();
  if (stall.ended) {
    sigkit::Say("the event loop of %s (thread %d) goes on after %lld ms", name, stall.id, ToMilliseconds(stall.length));
  } else {
    sigkit::Say("the event loop of %s (thread %d) has been blocked for %lld ms%s", name, stall.id,
                ToMilliseconds(stall.length), stall.stacks.empty() ? "" : HangText(stall.stacks.back()).c_str());
  }
}

}  // namespace sigkit
