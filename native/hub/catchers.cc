#include "hub/catchers.h"

#include <csignal>

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
  // Somebody who had saved a catcher may have put it back.
  if (!signals_.Has(signo)) originals_[static_cast<size_t>(signo)] = IsCatcher(now) ? BelowCatcher(now, signo) : now;
  if (!session.watched.Has(signo)) {
    if (libuvs_handler_ == nullptr) LearnLibuvsHandler(session);
    const int watching = session.Watch(signo);
    if (watching < 0) return watching;
    session.watched |= SignalSet::Of(signo);
  }
  return InstallCatcher(signo);
}

// By a watcher of a signal that would be ignored.
void Catchers::LearnLibuvsHandler(Session& session) {
  for (const int signo : {SIGURG, SIGWINCH, SIGCONT}) {
    KernelSigaction before;
    KernelSigaction watched;
    if (ReadAction(signo, &before) < 0 || !IsDefault(before) || session.Watch(signo) < 0) continue;
    if (ReadAction(signo, &watched) == 0) libuvs_handler_ = watched.handler;
    session.Unwatch(signo);
    ChangeAction(signo, before, nullptr);
    return;
  }
}

void Catchers::Unwatch(Session& session, SignalSet signals) {
  (signals & session.watched).ForEach([&](int signo) { UnwatchOne(session, signo); });
}

void Catchers::UnwatchOne(Session& session, int signo) {
  KernelSigaction before;
  KernelSigaction after;
  const bool known = ReadAction(signo, &before) == 0;
  session.Unwatch(signo);
  session.watched &= ~SignalSet::Of(signo);
  if (!known || ReadAction(signo, &after) < 0 || after.handler == before.handler) return;
  // It was the last watcher, and libuv has set the default action.
  const KernelSigaction below = IsCatcher(before) ? BelowCatcher(before, signo) : before;
  KernelSigaction wanted = below;
  // That is right where libuv's own handler was there before the claim; else what was there goes back.
  if (below.handler == libuvs_handler_) wanted = originals_[static_cast<size_t>(signo)];
  if (wanted.handler == libuvs_handler_) wanted = DefaultAction();
  if (IsCatcher(before)) {
    ReplaceCatcher(signo, before, wanted);
  } else {
    ChangeAction(signo, wanted, nullptr);
  }
}

bool Catchers::IsLibuvs(int signo) const {
  KernelSigaction action;
  return ReadAction(signo, &action) == 0 && action.handler == libuvs_handler_;
}

void Catchers::Remove(SignalSet signals) {
  signals.ForEach([](int signo) { RemoveCatcher(signo); });
  signals_ &= ~signals;
}

KernelSigaction Catchers::Below(int signo) const {
  KernelSigaction action;
  if (ReadAction(signo, &action) < 0) return DefaultAction();
  return signals_.Has(signo) && IsCatcher(action) ? originals_[static_cast<size_t>(signo)] : action;
}

}  // namespace sigkit
