#ifndef SIGKIT_HUB_SAY_H_
#define SIGKIT_HUB_SAY_H_

namespace sigkit {

// A line on stderr, as posix/report.h has it, that begins with `sigkit: `.
__attribute__((format(printf, 1, 2))) void Say(const char* format, ...);

}  // namespace sigkit

#endif  // SIGKIT_HUB_SAY_H_
