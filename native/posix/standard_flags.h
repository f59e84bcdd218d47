#ifndef SIGKIT_POSIX_STANDARD_FLAGS_H_
#define SIGKIT_POSIX_STANDARD_FLAGS_H_

namespace sigkit {

// libuv makes the descriptors 0 to 2 non-blocking. That belongs to the open file description (fcntl(2)), and so to
// everybody who shares it, also when this process has ended. Node puts it back in exit(3) alone.

// Which of them block now. The first call counts.
void RememberStandardFlags();

// Has those block again that are still the same files. Async-signal-safe.
void RestoreStandardFlags();

}  // namespace sigkit

#endif  // SIGKIT_POSIX_STANDARD_FLAGS_H_
