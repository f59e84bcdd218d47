#ifndef SIGKIT_POSIX_REPORT_H_
#define SIGKIT_POSIX_REPORT_H_

#include <cstdarg>

namespace sigkit {

// One line on stderr, by one write(2) of no more than PIPE_BUF bytes, `who` before it. All of it is escaped
// (posix/escape.h), so it is one line whatever the values are. Allocates nothing; what is longer than 1,023 bytes is
// cut before that. Never waits: what finds no room, where nobody reads, is dropped, and false returned: so not where
// stderr is closed. For threads that block SIGPIPE.
bool ReportAs(const char* who, const char* format, va_list values);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_REPORT_H_
