#ifndef SIGKIT_HUB_CATCHERS_H_
#define SIGKIT_HUB_CATCHERS_H_

#include <array>
#include <optional>

#include "hub/session.h"
#include "posix/catcher.h"
#include "posix/saved_action.h"
#include "posix/signal_set.h"
#include "posix/syscalls.h"

namespace sigkit {

// Which signals have a catcher, and what belongs there once they have none. libuv replaces handlers without asking when
// its first watcher of a signal starts or its last one stops. So each environment that claims one keeps a watcher of
// its own: while it does, libuv leaves the action alone. Guarded by the hub's configuration lock; all but Below(),
// Restore() and signals() are called on the session's thread.
class Catchers {
 public:
  // 0 or a negative errno, then nothing has changed.
  int Add(Session& session, SignalSet signals);
  // What this environment no longer claims, while it is blocked in the threads. What libuv has taken for it comes
  // again.
  void Unwatch(Session& session, SignalSet signals);
  // What nobody claims any more gets back its action; after Unwatch, if that was its last watcher. What is caught
  // still, by a handler that the kernel has called before, is noted until Disarm.
  void Remove(SignalSet signals);
  void Disarm() { DisarmCatchers(signals_); }
  // Those that a handler of others has displaced since: Node's breakOnSigint leaves one that ends the process.
  void Restore();
  SignalSet signals() const { return signals_; }
  // What is to be put back of an action that was saved while another one took its place: libuv's handler only if it has
  // a watcher to call still. The present action may be the default one after it.
  KernelSigaction WithoutWatchersGone(Session& session, int signo, const KernelSigaction& saved) const;
  // What the process would do without the catchers.
  KernelSigaction Below(int signo) const;

 private:
  bool IsLibuvs(const KernelSigaction& action) const;
  // Whether libuv would get it: for its own watchers, those of process.on included.
  bool IsLibuvs(int signo) const;
  int AddOne(Session& session, int signo);
  void LearnLibuvsHandler(Session& session, int started, const KernelSigaction& before_it);
  uint32_t UnwatchOne(Session& session, int signo);

  SignalSet signals_;
  std::array<SavedAction, kSignalCount + 1> originals_ = {};  // from before the first watcher
  std::optional<KernelSigaction> libuvs_action_;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_CATCHERS_H_
