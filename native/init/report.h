#ifndef SIGKIT_INIT_REPORT_H_
#define SIGKIT_INIT_REPORT_H_

namespace sigkit::init {

// One line on stderr, `sigkit-init: ...`, by one write(2). Allocates nothing; what is longer than a line of 1,024 bytes
// is cut. Never waits: where nobody reads, and there is no room for a line, it is dropped.
__attribute__((format(printf, 1, 2))) void Report(const char* format, ...);

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_REPORT_H_
