#include "hub/say.h"

#include <cstdarg>

#include "posix/report.h"

namespace sigkit {

// NOLINTNEXTLINE(cert-dcl50-cpp): the formats are checked
bool Say(const char* format, ...) {
  va_list values;
  va_start(values, format);
  const bool written = ReportAs("sigkit: ", format, values);
  va_end(values);
  return written;
}

}  // namespace sigkit
