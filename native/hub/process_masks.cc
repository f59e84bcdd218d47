#include "hub/process_masks.h"

#include <unistd.h>

#include <optional>

#include "posix/closed_threads.h"
#include "posix/open_threads.h"
#include "posix/thread_status.h"

namespace sigkit {

ProcessMasks::ThreadWish ProcessMasks::WishOf(pid_t tid) const {
  const auto found = wishes_.find(tid);
  return found == wishes_.end() ? ThreadWish{} : found->second;
}

void ProcessMasks::Remember(pid_t tid, ThreadWish wish) {
  if (wish.own.Empty() && wish.open.Empty()) {
    wishes_.erase(tid);
    return;
  }
  if (wish.start_time == 0) wish.start_time = ThreadStartTime(tid);
  wishes_.insert_or_assign(tid, wish);
}

// Drops what is known of signals no longer managed, and of threads whose number now belongs to another or to none.
void ProcessMasks::ForgetUnmanaged() {
  const SignalSet managed = user_ | held_;
  for (auto entry = wishes_.begin(); entry != wishes_.end();) {
    ThreadWish& wish = entry->second;
    wish.own &= managed;
    wish.open &= user_;
    const bool empty = wish.own.Empty() && wish.open.Empty();
    entry = empty || ThreadStartTime(entry->first) != wish.start_time ? wishes_.erase(entry) : std::next(entry);
  }
}

// What a thread blocks by itself it has set by itself, or has opened since: it is never set here.
MaskChange ProcessMasks::For(pid_t tid, SignalSet lacks) {
  const ThreadWish wish = WishOf(tid);
  const SignalSet wanted = (user_ & ~wish.open) | held_;
  const SignalSet touched = touched_ | (lacks & (user_ | held_));
  return MaskChange{touched & ~(wanted | wish.own), touched & wanted};
}

void ProcessMasks::Applied(pid_t tid, SignalSet before, SignalSet lacks, bool born) {
  // What a catcher has set meanwhile is ours.
  TakeClosed();
  if (const auto closed = closed_.extract(tid); !closed.empty()) before &= closed.mapped();
  SignalSet own = before & (adopted_ | (lacks & (user_ | held_)));
  // What it has inherited was its creator's own only if it is everybody's.
  if (born && !own.Empty()) own &= OwnOfAll(environment_threads_);
  if (own.Empty()) return;
  ThreadWish wish = WishOf(tid);
  wish.own |= own;
  Remember(tid, wish);
}

void ProcessMasks::TakeClosed() {
  pid_t tid = 0;
  SignalSet before;
  while (TakeClosedThread(&tid, &before)) {
    caught_threads_.insert(tid);
    // What it did not block is not its own: it was inside a handler when it was asked.
    if (const auto wish = wishes_.find(tid); wish != wishes_.end()) wish->second.own &= before;
    const auto [entry, is_new] = closed_.try_emplace(tid, before);
    if (!is_new) entry->second &= before;
  }
}

// Those that the broadcast has not met since.
void ProcessMasks::LearnOfClosed() {
  TakeClosed();
  // Where threads cannot be listed, it may be the first that is known of this one.
  const SignalSet unmet = incomplete_ ? user_ | held_ : SignalSet();
  for (const auto& [tid, before] : std::exchange(closed_, {}))
    Applied(tid, before, broadcast_.Reached(tid, unmet), false);
}

SignalSet ProcessMasks::OwnOfAll(const std::unordered_set<pid_t>& threads) const {
  SignalSet own = SignalSet::All();
  for (const pid_t tid : threads) own &= WishOf(tid).own;
  return threads.empty() ? SignalSet() : own;
}

// A Worker inherits what its creator blocks, and only another environment creates one: no record says which, but what
// all of them block by themselves it has from there, and not from us.
void ProcessMasks::AddEnvironmentThread(pid_t tid) {
  const SignalSet own = OwnOfAll(environment_threads_) & (user_ | held_);
  environment_threads_.insert(tid);
  if (own.Empty()) return;
  ThreadWish wish = WishOf(tid);
  wish.own |= own;
  Remember(tid, wish);
}

void ProcessMasks::RemoveEnvironmentThread(pid_t tid) {
  environment_threads_.erase(tid);
  // A Worker can be terminated amid OpenOwn and CloseOwn.
  RemoveOpenThread(tid);
}

// A thread that was born while these were managed has inherited its creator's mask, but no record says who that was.
// What it blocks of other signals narrows that down: what all of those block by themselves is its own, too.
void ProcessMasks::InheritOwn(SignalSet ending) {
  SignalSet own;
  for (const auto& [tid, wish] : wishes_) own |= wish.own & ending;
  if (own.Empty()) return;
  const auto others_of = [&](pid_t tid) {
    ThreadStatus status;
    const SignalSet managed = user_ | held_ | ending;
    return ReadThreadStatus(tid, &status) == 0 ? std::optional(status.blocked & ~managed) : std::nullopt;
  };
  std::unordered_map<uint64_t, SignalSet> own_by_others;
  for (const pid_t tid : broadcast_.KnownThreads()) {
    const auto others = tid == excluded_ ? std::nullopt : others_of(tid);
    if (others) own_by_others.try_emplace(others->bits(), SignalSet::All()).first->second &= WishOf(tid).own;
  }
  for (const pid_t tid : broadcast_.NewThreads()) {
    const auto others = others_of(tid);
    const auto creators = others ? own_by_others.find(others->bits()) : own_by_others.end();
    if (creators == own_by_others.end()) continue;
    ThreadWish wish = WishOf(tid);
    wish.own |= creators->second & ending;
    Remember(tid, wish);
  }
}

// Not what is claimed only now, nor what could not be set: what a thread blocks of that is another's.
SignalSet ProcessMasks::Managed(pid_t tid, SignalSet lacks) {
  TakeClosed();
  const SignalSet set = (user_ | held_ | touched_) & ~adopted_;
  return closed_.contains(tid) ? set : set & ~lacks;
}

bool ProcessMasks::BlocksOnlyBriefly(pid_t tid) { return tid == getpid() || environment_threads_.contains(tid); }

std::vector<pid_t> ProcessMasks::KnownThreads() {
  std::vector<pid_t> threads = {getpid()};
  threads.insert(threads.end(), environment_threads_.begin(), environment_threads_.end());
  threads.insert(threads.end(), caught_threads_.begin(), caught_threads_.end());
  return threads;
}

// The calling thread first, by the plain call: it cannot fail, and it needs no signal.
MaskReport ProcessMasks::Apply(Reach reach) {
  const pid_t self = ThreadId();
  SignalSet before;
  ReadMask(&before);
  const SignalSet lacks = broadcast_.Reached(self, SignalSet());
  const MaskChange change = For(self, lacks);
  const SignalSet after = (before & ~change.clear) | change.set;
  const int changed = ChangeMask(MaskHow::kSet, after, nullptr);
  if (changed < 0) return MaskReport{.error = changed};
  Applied(self, before, lacks, false);
  MaskReport report = broadcast_.Run(*this, excluded_, reach);
  incomplete_ = report.incomplete;
  ++report.updated;
  return report;
}

// `again`: signals to set anew although they are managed already, because threads had opened them for themselves.
MaskReport ProcessMasks::MoveTo(SignalSet user, SignalSet held, SignalSet again, Reach reach) {
  const SignalSet old_user = user_;
  const SignalSet old_held = held_;
  const SignalSet old_managed = old_user | old_held;
  const SignalSet managed = user | held;
  const SignalSet changed = (old_user ^ user) | (old_held ^ held);
  const SignalSet gained = (user & ~old_user) | (held & ~old_held);
  user_ = user;
  held_ = held;
  touched_ = (old_managed ^ managed) | (changed & Opened()) | again;
  adopted_ = managed & ~old_managed;
  if (touched_.Empty()) return MaskReport{};
  TakeClosed();
  InheritOwn(old_managed & ~managed);
  MaskReport report = Apply(reach);
  const bool failed = report.error < 0 || (reach == Reach::kCertain && !report.unreachable.empty());
  if (failed && !gained.Empty()) {
    user_ = old_user;
    held_ = old_held;
    if (!std::exchange(adopted_, SignalSet()).Empty()) Apply(Reach::kTakingBack);
  }
  // Where something else keeps the promise, or nothing is promised any more, no signal of ours is left on its way: who
  // takes it late might meet another's handler.
  if (reach == Reach::kCaught || failed || (user_ | held_).Empty()) recalled_ |= broadcast_.Recall();
  adopted_ = SignalSet();
  LearnOfClosed();
  ForgetUnmanaged();
  if ((user_ | held_).Empty()) {
    caught_threads_.clear();
    broadcast_.Rest();
  }
  return report;
}

SignalSet ProcessMasks::Opened() const {
  SignalSet opened;
  for (const auto& [tid, wish] : wishes_) opened |= wish.open;
  return opened;
}

MaskReport ProcessMasks::Hold(SignalSet claims, SignalSet sections, Reach reach) {
  // What others still want blocked is left without a catcher, or is promised to be blocked now: threads that the
  // catcher has made up for are asked again.
  const SignalSet promised = (caught_ & ~claims & (user_ | sections)) | (sections & ~sections_);
  caught_ = claims;
  sections_ = sections;
  return MoveTo(user_, claims | sections, promised & broadcast_.Lacked(), reach);
}

// What the thread blocks as its user sees it: without what is held for claims.
SignalSet ProcessMasks::VisibleMask(SignalSet kernel, const ThreadWish& wish) const {
  const SignalSet managed = user_ | held_;
  return (kernel & ~managed) | wish.own | (user_ & ~wish.open);
}

MaskReport ProcessMasks::ChangeAll(MaskHow how, SignalSet set, SignalSet sections, SignalSet* previous) {
  set = Blockable(set);
  const pid_t self = ThreadId();
  SignalSet kernel;
  const int read = ReadMask(&kernel);
  if (read < 0) return MaskReport{.error = read};
  const SignalSet visible = VisibleMask(kernel, WishOf(self));
  *previous = visible | sections;
  // A mask that was read while a section was open and is set again must not outlive the section.
  if (how == MaskHow::kSet) set &= ~(sections & ~visible);
  // What the caller alone blocks stays its own: the mask that a call returned can be set again without spreading it.
  SignalSet user = set & ~(visible & ~user_);
  if (how == MaskHow::kBlock) user = user_ | set;
  if (how == MaskHow::kUnblock) user = user_ & ~set;
  const auto wishes = wishes_;
  SignalSet again = user & ~user_ & broadcast_.Lacked();
  if (how != MaskHow::kUnblock) again |= Close(set);
  const SignalSet dropped = how == MaskHow::kUnblock ? set : how == MaskHow::kSet ? ~set : SignalSet();
  const int error = DropOwn(dropped, kernel);
  if (error < 0) return MaskReport{.error = error};
  MaskReport report = MoveTo(user, held_, again, Reach::kCertain);
  if (report.error < 0 || !report.unreachable.empty()) {
    wishes_ = wishes;
    ChangeMask(MaskHow::kSet, kernel, nullptr);
  }
  return report;
}

// Ends what threads opened for themselves; returns which signals that concerns.
SignalSet ProcessMasks::Close(SignalSet set) {
  const SignalSet opened = Opened() & set;
  for (auto& [tid, wish] : wishes_) wish.open &= ~set;
  return opened;
}

// The caller speaks for itself too: its own earlier blocks end. Other threads keep theirs.
int ProcessMasks::DropOwn(SignalSet dropped, SignalSet kernel) {
  if (dropped.Empty()) return 0;
  const pid_t self = ThreadId();
  ThreadWish wish = WishOf(self);
  wish.own &= ~dropped;
  Remember(self, wish);
  return ChangeMask(MaskHow::kSet, kernel & (~dropped | user_ | held_), nullptr);
}

int ProcessMasks::ChangeOwn(MaskHow how, SignalSet set, SignalSet sections, SignalSet* previous) {
  set = Blockable(set);
  // Where nothing is managed, nobody has a wish that could be in the way.
  if ((user_ | held_).Empty()) return ChangeMask(how, set, previous);
  const pid_t self = ThreadId();
  SignalSet kernel;
  const int read = ReadMask(&kernel);
  if (read < 0) return read;
  // What a catcher has found here is older than this wish.
  TakeClosed();
  ThreadWish wish = WishOf(self);
  const SignalSet visible = VisibleMask(kernel, wish);
  *previous = visible | sections;
  SignalSet wanted = set & ~(sections & ~visible);
  if (how == MaskHow::kBlock) wanted = visible | set;
  if (how == MaskHow::kUnblock) wanted = visible & ~set;
  const SignalSet managed = user_ | held_;
  wish.open = user_ & ~wanted;
  wish.own = wanted & managed & ~(user_ & ~wish.own);
  Remember(self, wish);
  return ChangeMask(MaskHow::kSet, wanted | held_, nullptr);
}

int ProcessMasks::OpenOwn() {
  TakeClosed();
  const pid_t self = ThreadId();
  const ThreadWish wish = WishOf(self);
  AddOpenThread(self);
  const int error = ChangeMask(MaskHow::kUnblock, caught_ & ~(sections_ | (user_ & ~wish.open) | wish.own), nullptr);
  if (error < 0) RemoveOpenThread(self);
  return error;
}

void ProcessMasks::CloseOwn() {
  // In this order: what is caught from now on closes the thread, too.
  RemoveOpenThread(ThreadId());
  ChangeMask(MaskHow::kBlock, held_, nullptr);
}

}  // namespace sigkit
