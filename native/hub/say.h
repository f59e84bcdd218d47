#ifndef SIGKIT_HUB_SAY_H_
#define SIGKIT_HUB_SAY_H_

namespace sigkit {

// A line on stderr, as posix/report.h has it, that begins with `sigkit: `. False if it found no room.
__attribute__((format(printf, 1, 2))) bool Say(const char* format, ...);

}  // namespace sigkit

#endif  // SIGKIT_HUB_SAY_H_
