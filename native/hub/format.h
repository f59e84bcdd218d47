#ifndef SIGKIT_HUB_FORMAT_H_
#define SIGKIT_HUB_FORMAT_H_

#include <string>

namespace sigkit {

// As printf(3), into a text of 1,023 bytes at most: what a line on stderr has room for.
__attribute__((format(printf, 1, 2))) std::string Format(const char* format, ...);

}  // namespace sigkit

#endif  // SIGKIT_HUB_FORMAT_H_
