#include "hub/say.h"

#include <cstdarg>

#include "posix/report.h"

namespace sigkit {

// NOLINTNEXTLINE(cert-dcl50-cpp): the formats are checked
void Say(const char* format, ...) {
  va_list values;
  va_start(values, format);
  ReportAs("sigkit: ", format, values);
  va_end(values);
}

}  // namespace sigkit
