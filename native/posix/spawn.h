#ifndef SIGKIT_POSIX_SPAWN_H_
#define SIGKIT_POSIX_SPAWN_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "posix/signal_set.h"
#include "posix/unique_fd.h"

namespace sigkit {

// The order of lib/process/spawn/spawn.ts, which names the system calls.
enum class SpawnStep {
  kNone,
  kClone,
  kGroup,
  kSession,
  kDescriptors,
  kControllingTerminal,
  kForeground,
  kChdir,
  kSetgroups,
  kSetgid,
  kSetuid,
  kParentDeathSignal,
  kExec,
  kStandardIo,
  kCheckDescriptors,
  kWatch,
};

inline constexpr pid_t kSameGroup = -1;
inline constexpr int kNoTerminal = -1;
inline constexpr int kStandardInput = -2;        // the child's own
inline constexpr int kControllingTerminal = -3;  // /dev/tty

struct SpawnRequest {
  // What execve(2) tries in this order; one without a slash has been looked for in PATH already.
  std::vector<std::string> files;
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::optional<std::string> directory;
  // The child's descriptor n is ours at place n; -1: closed. No other one is open in it.
  std::vector<int> descriptors;
  bool keep_descriptors = false;  // instead: all that are not close-on-exec
  SignalSet mask;
  SignalSet defaults;  // reset, where this process ignores them
  SignalSet ignored;
  bool session = false;
  pid_t group = kSameGroup;     // 0: a new one, with the child's own pid
  int terminal = kNoTerminal;   // the child's group becomes its foreground; with `session`, it becomes the child's own
  int parent_death_signal = 0;  // 0: none
  std::optional<uid_t> uid;
  std::optional<gid_t> gid;
  std::optional<std::vector<gid_t>> groups;
};

struct SpawnResult {
  pid_t pid = 0;
  UniqueFd pidfd;  // none where the kernel has none
  int error = 0;   // a negative errno, then `step` has failed and there is no child
  SpawnStep step = SpawnStep::kNone;
};

// Makes a child that shares this thread's memory until it has executed its program (CLONE_VM and CLONE_VFORK,
// clone(2)), so that it costs the same whatever the size of this process, and a failure to exec is known at once. The
// calling thread must block all signals and last as long as its children are to live: parent-death signals are tied to
// it.
SpawnResult SpawnChild(const SpawnRequest& request);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_SPAWN_H_
