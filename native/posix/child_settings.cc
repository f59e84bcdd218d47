#include "posix/child_settings.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <algorithm>

#include "posix/child_calls.h"

namespace sigkit {
namespace {

constexpr int kOneProcess = 1;  // IOPRIO_WHO_PROCESS

__attribute__((no_sanitize("thread", "address", "undefined"))) rlim_t ValueOf(int64_t wanted, rlim_t now) {
  if (wanted == ResourceLimit::kKept) return now;
  return wanted == ResourceLimit::kUnlimited ? RLIM_INFINITY : static_cast<rlim_t>(wanted);
}

__attribute__((no_sanitize("thread", "address", "undefined"))) void SetLimit(ChildPlan& plan,
                                                                             const ResourceLimit& wanted) {
  rlimit limit = {};
  Check(plan, SpawnStep::kLimits, Call(SYS_prlimit64, 0, wanted.resource, nullptr, &limit));
  limit.rlim_max = ValueOf(wanted.hard, limit.rlim_max);
  limit.rlim_cur = ValueOf(wanted.soft, limit.rlim_cur < limit.rlim_max ? limit.rlim_cur : limit.rlim_max);
  Check(plan, SpawnStep::kLimits, Call(SYS_prlimit64, 0, wanted.resource, &limit, nullptr));
}

// Where it is below the hard one, somebody else has chosen it; and who is given more could open no more. A sandbox that
// forbids this leaves the child as it is.
__attribute__((no_sanitize("thread", "address", "undefined"))) void LowerOpenFiles(const ChildPlan& plan) {
  rlimit limit = {};
  const int64_t wanted = plan.request->settings.open_files;
  if (wanted <= plan.descriptor_count || Call(SYS_prlimit64, 0, RLIMIT_NOFILE, nullptr, &limit) < 0) return;
  const auto soft = static_cast<rlim_t>(wanted);
  if (limit.rlim_cur != limit.rlim_max || soft >= limit.rlim_max) return;
  limit.rlim_cur = soft;
  Call(SYS_prlimit64, 0, RLIMIT_NOFILE, &limit, nullptr);
}

// The score belongs to the memory, but not while the parent waits in vfork(2) (kernel 4.8; before, never).
__attribute__((no_sanitize("thread", "address", "undefined"))) void SetOomScore(ChildPlan& plan, int score) {
  char text[8];
  char* at = text + sizeof(text);
  int rest = score < 0 ? -score : score;
  do {
    *--at = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  if (score < 0) *--at = '-';
  const long file = Call(SYS_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  Check(plan, SpawnStep::kOomScore, file);
  Check(plan, SpawnStep::kOomScore, Call(SYS_write, file, at, text + sizeof(text) - at));
  Call(SYS_close, file);
}

// What its program could gain by a file that has capabilities, and as root by any.
__attribute__((no_sanitize("thread", "address", "undefined"))) long DropBoundingSet() {
  for (int capability = 0;; ++capability) {
    const long has = Call(SYS_prctl, PR_CAPBSET_READ, capability, 0, 0, 0);
    // Past the last one.
    if (has < 0) return 0;
    if (has == 0) continue;
    const long dropped = Call(SYS_prctl, PR_CAPBSET_DROP, capability, 0, 0, 0);
    if (dropped < 0) return dropped;
  }
}

__attribute__((no_sanitize("thread", "address", "undefined"))) bool IsRoot() {
  uid_t real = 0;
  uid_t effective = 0;
  uid_t saved = 0;
  return Call(SYS_getresuid, &real, &effective, &saved) < 0 || real == 0 || effective == 0;
}

__attribute__((no_sanitize("thread", "address", "undefined"))) void DropCapabilities(ChildPlan& plan) {
  // Without ambient ones (before kernel 4.3) there is nothing to drop.
  Call(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  // Who is not root and may not drop it gains nothing by exec alone.
  if (IsRoot()) Check(plan, SpawnStep::kBoundingSet, plan.bounding_set);
  __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  Check(plan, SpawnStep::kCapabilities, Call(SYS_capset, &header, none));
}

}  // namespace

__attribute__((no_sanitize("thread", "address", "undefined"))) void ApplySettings(ChildPlan& plan) {
  const ChildSettings& settings = plan.request->settings;
  LowerOpenFiles(plan);
  for (const ResourceLimit& limit : settings.limits) SetLimit(plan, limit);
  if (settings.nice.has_value()) Check(plan, SpawnStep::kNice, Call(SYS_setpriority, PRIO_PROCESS, 0, *settings.nice));
  if (settings.io_priority.has_value())
    Check(plan, SpawnStep::kIoPriority, Call(SYS_ioprio_set, kOneProcess, 0, *settings.io_priority));
  if (settings.oom_score_adj.has_value()) SetOomScore(plan, *settings.oom_score_adj);
  if (settings.umask.has_value()) Call(SYS_umask, *settings.umask);
  if (!settings.affinity.empty()) {
    const size_t bytes = settings.affinity.size() * sizeof(uint64_t);
    Check(plan, SpawnStep::kAffinity, Call(SYS_sched_setaffinity, 0, bytes, settings.affinity.data()));
  }
  if (settings.drop_capabilities) plan.bounding_set = DropBoundingSet();
}

__attribute__((no_sanitize("thread", "address", "undefined"))) void DropPrivileges(ChildPlan& plan) {
  const ChildSettings& settings = plan.request->settings;
  if (settings.drop_capabilities) DropCapabilities(plan);
  if (settings.no_new_privileges)
    Check(plan, SpawnStep::kNoNewPrivileges, Call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

}  // namespace sigkit
