#ifndef SIGKIT_POSIX_REPORT_H_
#define SIGKIT_POSIX_REPORT_H_

#include <cstdarg>

namespace sigkit {

// One line on stderr, by one write(2), `who` before it. Allocates nothing; what is longer than a line of 1,024 bytes is
// cut. Never waits: what finds no room, where nobody reads, is dropped. For threads that block SIGPIPE.
void ReportAs(const char* who, const char* format, va_list values);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_REPORT_H_
