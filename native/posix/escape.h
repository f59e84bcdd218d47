#ifndef SIGKIT_POSIX_ESCAPE_H_
#define SIGKIT_POSIX_ESCAPE_H_

#include <cstddef>
#include <string_view>

namespace sigkit {

// What a byte becomes at most.
inline constexpr size_t kEscapedBytes = 4;

// Text of others as it may stand in a line of ours: it ends no line and tells no terminal anything. Each byte of a
// control character, of a line separator of Unicode, or of what is not UTF-8 becomes \xNN, a backslash becomes two.
// lib/base/escape.ts has the same rule. `to` has room for kEscapedBytes times the text. Returns how many it takes.
size_t Escape(std::string_view text, char* to);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_ESCAPE_H_
