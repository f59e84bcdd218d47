#ifndef SIGKIT_HUB_ALLOWED_SENDERS_H_
#define SIGKIT_HUB_ALLOWED_SENDERS_H_

#include <sys/types.h>

#include <vector>

#include "posix/signal_record.h"

namespace sigkit {

// Whom of those the kernel lets through.
struct AllowedSenders {
  bool everybody = true;
  bool parent = false;
  // Who has no pid here: the kernel, a timer, another pid namespace.
  bool unknown = false;
  std::vector<uid_t> uids;
  std::vector<pid_t> pids;

  bool Has(const SignalRecord& record) const;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_ALLOWED_SENDERS_H_
