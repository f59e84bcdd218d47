#ifndef SIGKIT_POSIX_CHILD_SETTINGS_H_
#define SIGKIT_POSIX_CHILD_SETTINGS_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace sigkit {

struct ChildPlan;

struct ResourceLimit {
  // Of the two sides: what the child has from its parent; with a hard one alone, also below that.
  static constexpr int64_t kKept = -2;
  static constexpr int64_t kUnlimited = -1;
  int resource;
  int64_t soft;
  int64_t hard;
};

// What a child is given besides: each is left as it is of the parent unless it is asked for.
struct ChildSettings {
  std::vector<ResourceLimit> limits;
  std::optional<int> nice;
  std::optional<int> io_priority;  // as ioprio_set(2) takes it
  std::optional<int> oom_score_adj;
  std::optional<mode_t> umask;
  std::vector<uint64_t> affinity;  // a mask of CPUs, the lowest first; empty: unchanged
  bool no_new_privileges = false;
  bool drop_capabilities = false;
  // The soft limit of open files, where the parent has raised it to the hard one, as Node does; 0: unchanged.
  int64_t open_files = 0;
};

// All run in the half-born child: see spawn_child.h. Before it changes its user, who may do less:
void ApplySettings(ChildPlan& plan);
// And after that.
void DropPrivileges(ChildPlan& plan);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_CHILD_SETTINGS_H_
