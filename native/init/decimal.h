#ifndef SIGKIT_INIT_DECIMAL_H_
#define SIGKIT_INIT_DECIMAL_H_

#include <cstdint>

namespace sigkit::init {

// Writes its digits and returns where they end. Async-signal-safe: it runs between clone(2) and execve(2), too.
__attribute__((no_sanitize("thread", "address", "undefined"))) inline char* WriteDecimal(uint64_t value, char* to) {
  char digits[20];
  int count = 0;
  do digits[count++] = static_cast<char>('0' + value % 10);
  while ((value /= 10) != 0);
  while (count > 0) *to++ = digits[--count];
  return to;
}

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_DECIMAL_H_
