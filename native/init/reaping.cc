#include "init/reaping.h"

#include "init/report.h"
#include "init/signal_kinds.h"
#include "posix/signal_names.h"

namespace sigkit::init {

void ReportReaped(pid_t pid, int status) {
  if (WIFSIGNALED(status)) return Report("reaped process %d: %s", pid, SignalName(WTERMSIG(status), kRtmin).c_str());
  Report("reaped process %d: exit code %d", pid, WEXITSTATUS(status));
}

}  // namespace sigkit::init
