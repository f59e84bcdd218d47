#ifndef SIGKIT_POSIX_CAUGHT_NOTES_H_
#define SIGKIT_POSIX_CAUGHT_NOTES_H_

#include <signal.h>

#include <cstdint>

namespace sigkit {

// What a handler of ours has caught, on its way to the waiter: lock-free, in static memory. Each note is published by
// itself, so that a thread that is stopped while it writes one holds up none of the others.

struct CaughtSignal {
  siginfo_t info = {};
  uint32_t count = 1;  // those of this number that found no room are counted here
};

// Async-signal-safe.
void NoteSignal(const siginfo_t* info);
// The oldest; false when there is none. One reader only.
bool TakeNote(CaughtSignal* caught);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_CAUGHT_NOTES_H_
