#ifndef SIGKIT_POSIX_SPAWN_REQUEST_H_
#define SIGKIT_POSIX_SPAWN_REQUEST_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "posix/child_settings.h"
#include "posix/signal_set.h"

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
  kCgroup,
  kEnterCgroup,
  kLimits,
  kNice,
  kIoPriority,
  kOomScore,
  kAffinity,
  kBoundingSet,
  kCapabilities,
  kNoNewPrivileges,
  kPseudoTerminal,
};

inline constexpr pid_t kSameGroup = -1;
inline constexpr int kNoCgroup = -1;
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
  int pseudo_terminal = -1;       // our end; the child's first three descriptors are the other one, instead
  bool keep_descriptors = false;  // instead: all that are not close-on-exec
  SignalSet mask;
  SignalSet defaults;  // reset, where this process ignores them
  SignalSet ignored;
  bool session = false;
  pid_t group = kSameGroup;     // 0: a new one, with the child's own pid
  int terminal = kNoTerminal;   // the child's group becomes its foreground; with `session`, it becomes the child's own
  int parent_death_signal = 0;  // 0: none
  int cgroup = kNoCgroup;       // the folder of one of v2, in which the child is born; ours, and not the child's
  std::optional<uid_t> uid;
  std::optional<gid_t> gid;
  std::optional<std::vector<gid_t>> groups;
  ChildSettings settings;
};

// With it go memory and dumpability of the child: see clone_child.cc.
inline bool ChangesUser(const SpawnRequest& request) { return request.uid.has_value() || request.gid.has_value(); }

}  // namespace sigkit

#endif  // SIGKIT_POSIX_SPAWN_REQUEST_H_
