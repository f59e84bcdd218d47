#include "posix/handler_stack.h"

#include <cerrno>

namespace sigkit {

// Called by handlers, as all here but Install and Remove: see syscalls.cc.
__attribute__((no_sanitize("thread", "address", "undefined"))) int HandlerStack::LevelOf(
    const KernelSigaction& action) const {
  for (int level = 0; level < kLevels; ++level) {
    if (action.handler == reinterpret_cast<void*>(functions_[level])) return level;
  }
  return -1;
}

__attribute__((no_sanitize("thread", "address", "undefined"))) bool HandlerStack::IsOutermost(int level,
                                                                                              int signo) const {
  if (__atomic_load_n(&places_[signo].level, __ATOMIC_ACQUIRE) == level) return true;
  // A lower one that somebody had saved has been put back.
  KernelSigaction current;
  return ReadAction(signo, &current) == 0 && LevelOf(current) == level;
}

__attribute__((no_sanitize("thread", "address", "undefined"))) KernelSigaction& HandlerStack::Displaced(int level,
                                                                                                        int signo) {
  return places_[signo].displaced[level];
}

// Whether who stands there now may call us: not an action that is no handler, nor the handler that we had displaced.
bool HandlerStack::MayCallUs(const KernelSigaction& action, const Place& place) {
  if (IsDefault(action) || IsIgnore(action)) return false;
  return place.stands && action.handler != place.displaced[place.level].handler;
}

int HandlerStack::Install(int signo, unsigned long flags, unsigned long kept) {
  Place& place = places_[signo];
  KernelSigaction current;
  const int read = ReadAction(signo, &current);
  if (read < 0) return read;
  int level = LevelOf(current);
  if (level < 0) {
    level = MayCallUs(current, place) ? place.level + 1 : place.level;
    if (level == kLevels) return -EBUSY;
    place.displaced[level] = current;
    const SignalSet mask = kept == 0 ? SignalSet::All() : SignalSet(current.mask);
    const KernelSigaction action = HandlerAction(functions_[level], flags | (current.flags & kept), mask);
    const int changed = ChangeAction(signo, action, nullptr);
    if (changed < 0) return changed;
  }
  __atomic_store_n(&place.level, level, __ATOMIC_RELEASE);
  place.stands = true;
  return 0;
}

int HandlerStack::Remove(int signo) {
  const Place& place = places_[signo];
  KernelSigaction current;
  const int read = ReadAction(signo, &current);
  const int level = LevelOf(current);
  if (read < 0 || level < 0) return read;
  return Replace(signo, current, place.displaced[level]);
}

int HandlerStack::Replace(int signo, const KernelSigaction& ours, const KernelSigaction& action) {
  Place& place = places_[signo];
  const int level = LevelOf(ours);
  place.stands = level != place.level;
  place.displaced[level] = action;
  return ChangeAction(signo, action, nullptr);
}

}  // namespace sigkit
