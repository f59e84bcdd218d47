#include "init/report.h"

#include <cstdarg>

#include "posix/report.h"

namespace sigkit::init {

void Report(const char* format, ...) {
  va_list values;
  va_start(values, format);
  ReportAs("sigkit-init: ", format, values);
  va_end(values);
}

}  // namespace sigkit::init
