#include "addon/signal_watchers.h"

namespace sigkit {
namespace {

template <typename Visit>
void ForEachWatcher(uv_loop_t* loop, int signo, Visit visit) {
  struct Walk {
    int signo;
    Visit& visit;
  } walk = {signo, visit};
  const auto look = [](uv_handle_t* handle, void* argument) {
    const auto& [wanted, call] = *static_cast<Walk*>(argument);
    if (handle->type != UV_SIGNAL || uv_is_active(handle) == 0 || uv_is_closing(handle) != 0) return;
    auto* watcher = reinterpret_cast<uv_signal_t*>(handle);
    if (watcher->signum == wanted) call(watcher);
  };
  uv_walk(loop, look, &walk);
}

}  // namespace

size_t SignalWatchers::Find(uv_loop_t* loop, int signo, uv_signal_cb ours) {
  found_.clear();
  ForEachWatcher(loop, signo, [&](uv_signal_t* watcher) {
    if (watcher->signal_cb != ours) found_.push_back(watcher);
  });
  return found_.size();
}

// Looked for again: what an earlier one has called may have closed it, and even had the loop free it.
void SignalWatchers::Tell(uv_loop_t* loop, int signo, size_t index) const {
  if (index >= found_.size()) return;
  const uv_signal_t* wanted = found_[index];
  uv_signal_t* alive = nullptr;
  ForEachWatcher(loop, signo, [&](uv_signal_t* watcher) {
    if (watcher == wanted) alive = watcher;
  });
  if (alive != nullptr) alive->signal_cb(alive, signo);
}

}  // namespace sigkit
