#include "hub/catchers.h"

#include <unistd.h>

#include <csignal>

#include "posix/send.h"

namespace sigkit {

int Catchers::Add(Session& session, SignalSet signals) {
  int error = 0;
  SignalSet added;
  const SignalSet watched = session.watched;
  signals.ForEach([&](int signo) {
    if (error < 0) return;
    error = AddOne(session, signo);
    if (error == 0) added |= SignalSet::Of(signo);
  });
  if (error < 0) {
    Unwatch(session, session.watched & ~watched);
    Remove(added & ~signals_);
  } else {
    signals_ |= signals;
  }
  return error;
}

int Catchers::AddOne(Session& session, int signo) {
  KernelSigaction now;
  const int read = ReadAction(signo, &now);
  if (read < 0) return read;
  SavedAction& original = originals_[static_cast<size_t>(signo)];
  if (!signals_.Has(signo)) original.Save(signo);
  // Somebody who had saved a catcher may have put it back.
  if (!signals_.Has(signo) && IsCatcher(now)) original.Assign(BelowCatcher(now, signo));
  if (!session.watched.Has(signo)) {
    const int watching = session.Watch(signo);
    if (watching < 0) return watching;
    session.watched |= SignalSet::Of(signo);
    LearnLibuvsHandler(session, signo, now);
  }
  return InstallCatcher(signo);
}

// By the watcher that has just been started, if it is the signal's first; else by one of a signal that would be
// ignored, or that nobody sends.
void Catchers::LearnLibuvsHandler(Session& session, int started, const KernelSigaction& before_it) {
  KernelSigaction now;
  if (libuvs_action_ || ReadAction(started, &now) < 0) return;
  if (!SameAction(now, before_it)) {
    libuvs_action_ = now;
    return;
  }
  for (const int signo : {SIGURG, SIGWINCH, SIGCONT, kSignalCount}) {
    KernelSigaction before;
    KernelSigaction watched;
    if (session.watched.Has(signo) || ReadAction(signo, &before) < 0 || !IsDefault(before)) continue;
    if (session.Watch(signo) < 0) continue;
    if (ReadAction(signo, &watched) == 0) libuvs_action_ = watched;
    session.Unwatch(signo);
    ChangeAction(signo, before, nullptr);
    return;
  }
}

void Catchers::Unwatch(Session& session, SignalSet signals) {
  (signals & session.watched).ForEach([&](int signo) {
    const uint32_t untold = UnwatchOne(session, signo);
    // Those of SIGCHLD have been noted by its catcher, and of others other watchers have heard, if there are any.
    if (signo == SIGCHLD || IsLibuvs(signo)) return;
    for (uint32_t copy = 0; copy < untold; ++copy) Kill(getpid(), signo);
  });
}

uint32_t Catchers::UnwatchOne(Session& session, int signo) {
  KernelSigaction before;
  KernelSigaction after;
  const bool known = ReadAction(signo, &before) == 0;
  const uint32_t untold = session.Unwatch(signo);
  session.watched &= ~SignalSet::Of(signo);
  if (!known || ReadAction(signo, &after) < 0 || SameAction(after, before)) return untold;
  // It was the last watcher, and libuv has set the default action.
  const KernelSigaction below = IsCatcher(before) ? BelowCatcher(before, signo) : before;
  const SavedAction& original = originals_[static_cast<size_t>(signo)];
  KernelSigaction wanted = below;
  // That is right where libuv's own handler was there before the claim; else what was there goes back.
  const bool was_libuvs = IsLibuvs(below);
  if (was_libuvs) wanted = original.kernel();
  if (IsLibuvs(wanted)) wanted = DefaultAction();
  if (IsCatcher(before)) {
    ReplaceCatcher(signo, before, wanted);
  } else {
    ChangeAction(signo, wanted, nullptr);
  }
  if (was_libuvs && !IsDefault(wanted)) original.PutBack(signo);
  return untold;
}

// Another watcher would change the action only if it were the first.
KernelSigaction Catchers::WithoutWatchersGone(Session& session, int signo, const KernelSigaction& saved) const {
  if (!IsLibuvs(saved) || session.watched.Has(signo)) return saved;
  KernelSigaction before;
  KernelSigaction watched;
  if (ReadAction(signo, &before) < 0 || IsLibuvs(before) || session.Watch(signo) < 0) return saved;
  const bool is_first = ReadAction(signo, &watched) == 0 && IsLibuvs(watched);
  session.Unwatch(signo);
  return is_first ? DefaultAction() : saved;
}

bool Catchers::IsLibuvs(const KernelSigaction& action) const {
  return libuvs_action_ && SameAction(action, *libuvs_action_);
}

bool Catchers::IsLibuvs(int signo) const {
  KernelSigaction action;
  return ReadAction(signo, &action) == 0 && IsLibuvs(action);
}

void Catchers::Remove(SignalSet signals) {
  signals.ForEach([](int signo) { RemoveCatcher(signo); });
  signals_ &= ~signals;
}

// SIGCHLD is not blocked, so who has displaced that one is there for every thread.
void Catchers::Restore() {
  (signals_ & ~SignalSet::Of(SIGCHLD)).ForEach([](int signo) { InstallCatcher(signo); });
}

KernelSigaction Catchers::Below(int signo) const {
  KernelSigaction action;
  if (ReadAction(signo, &action) < 0) return DefaultAction();
  return signals_.Has(signo) && IsCatcher(action) ? originals_[static_cast<size_t>(signo)].kernel() : action;
}

}  // namespace sigkit
