#ifndef SIGKIT_POSIX_NUMBERS_H_
#define SIGKIT_POSIX_NUMBERS_H_

#include <cstdint>
#include <string_view>

namespace sigkit {

// Plain decimal digits, 0 to `highest`.
bool ParseNumber(std::string_view text, int highest, int* number);
// Seconds with or without decimals, up to 10^9, as nanoseconds.
bool ParseSeconds(std::string_view text, int64_t* nanoseconds);
// 1, true, yes; 0, false, no.
bool ParseFlag(std::string_view text, bool* flag);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_NUMBERS_H_
