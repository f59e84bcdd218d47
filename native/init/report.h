#ifndef SIGKIT_INIT_REPORT_H_
#define SIGKIT_INIT_REPORT_H_

namespace sigkit::init {

// One line on stderr, `sigkit-init: ...`, by one write(2), with what others name escaped. Allocates nothing; what is
// longer than 1,023 bytes is cut. Never waits: where nobody reads, and there is no room for a line, it is dropped.
__attribute__((format(printf, 1, 2))) void Report(const char* format, ...);

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_REPORT_H_
