#ifndef SIGKIT_INIT_REPORT_H_
#define SIGKIT_INIT_REPORT_H_

namespace sigkit::init {

// One line on stderr, `sigkit-init: ...`, by one write(2). Allocates nothing; what is longer than a line of 1,024 bytes
// is cut.
__attribute__((format(printf, 1, 2))) void Report(const char* format, ...);

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_REPORT_H_
