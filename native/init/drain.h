#ifndef SIGKIT_INIT_DRAIN_H_
#define SIGKIT_INIT_DRAIN_H_

#include "init/options.h"
#include "init/remainder.h"

namespace sigkit::init {

// Ends whatever is left after the child's end: SIGTERM, and from `kill_at` on SIGKILL. What survives that for two
// seconds, in a system call that does not return, is given up.
void Drain(const Options& options, Time kill_at, Remainder* remainder);

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_DRAIN_H_
