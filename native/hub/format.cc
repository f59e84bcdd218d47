#include "hub/format.h"

#include <array>
#include <cstdarg>
#include <cstdio>

namespace sigkit {

// NOLINTNEXTLINE(cert-dcl50-cpp): the formats are checked
std::string Format(const char* format, ...) {
  std::array<char, 1024> text;
  va_list values;
  va_start(values, format);
  vsnprintf(text.data(), text.size(), format, values);
  va_end(values);
  return text.data();
}

}  // namespace sigkit
