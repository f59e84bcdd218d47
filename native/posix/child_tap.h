#ifndef SIGKIT_POSIX_CHILD_TAP_H_
#define SIGKIT_POSIX_CHILD_TAP_H_

#include <signal.h>

#include <cstdint>

namespace sigkit {

// SIGCHLD cannot be taken by sigwaitinfo in a Node process: blocked everywhere, libuv would never learn that a child
// ended. So its handler is listened in on: ours notes the siginfo and then runs the one that was there.
// Install and Remove are called by one thread at a time; `ring` is called in the handler and must be async-signal-safe.

int InstallChildTap(void (*ring)());
int RemoveChildTap();
// The oldest noted signal; false when there is none. One reader only.
bool TakeChildSignal(siginfo_t* info, uint32_t* count);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_CHILD_TAP_H_
