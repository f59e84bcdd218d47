#ifndef SIGKIT_INIT_WATCHER_H_
#define SIGKIT_INIT_WATCHER_H_

namespace sigkit::init {

// The word by which lib/process/contain/ asks for it; nobody else is to.
inline constexpr char kWatchWord[] = "--contain-watch";

// Waits until nobody can write to its stdin any more, that is, until the runner has ended in whatever way; then kills
// what is in the runner's cgroups, and removes them. The words: the folder of a cgroup of v2, and how the names of the
// runner's in it begin.
int WatchCgroups(char* const* words);

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_WATCHER_H_
