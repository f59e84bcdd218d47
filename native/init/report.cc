#include "init/report.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace sigkit::init {

void Report(const char* format, ...) {
  static constexpr char kPrefix[] = "sigkit-init: ";
  static constexpr size_t kPrefixLength = sizeof(kPrefix) - 1;
  std::array<char, 1024> line;
  memcpy(line.data(), kPrefix, kPrefixLength);
  const size_t room = line.size() - kPrefixLength - 1;
  va_list values;
  va_start(values, format);
  const int wanted = vsnprintf(line.data() + kPrefixLength, room, format, values);
  va_end(values);
  size_t length = kPrefixLength + std::min(static_cast<size_t>(std::max(wanted, 0)), room - 1);
  line[length++] = '\n';
  // Who has closed stderr wants no lines.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), length);
}

}  // namespace sigkit::init
