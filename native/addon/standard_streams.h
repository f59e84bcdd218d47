#ifndef SIGKIT_ADDON_STANDARD_STREAMS_H_
#define SIGKIT_ADDON_STANDARD_STREAMS_H_

#include <uv.h>

#include "posix/standard_flags.h"

namespace sigkit {

// What Node does at its own end: a raw terminal, and a pipe that does not block, are nothing to leave to others.
// Async-signal-safe.
inline void ResetStandardStreams() {
  uv_tty_reset_mode();
  RestoreStandardFlags();
}

}  // namespace sigkit

#endif  // SIGKIT_ADDON_STANDARD_STREAMS_H_
