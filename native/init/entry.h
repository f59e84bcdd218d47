#ifndef SIGKIT_INIT_ENTRY_H_
#define SIGKIT_INIT_ENTRY_H_

#include "posix/signal_set.h"

namespace sigkit::init {

// What was blocked when this program was started. Since then everything is: the linker's entry point blocks it before
// libc starts, as towards a PID 1 the kernel discards what is neither blocked nor handled (kill(2)).
SignalSet OriginalMask();

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_ENTRY_H_
