#ifndef SIGKIT_POSIX_JSON_H_
#define SIGKIT_POSIX_JSON_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace sigkit {

// Adds a string of JSON. Bytes that are not UTF-8 become U+FFFD.
void AppendJson(std::string* to, std::string_view text);

// Adds `"name":`, after a comma where something stands before it.
void AppendKey(std::string* to, std::string_view name);
void AppendMember(std::string* to, std::string_view name, std::string_view text);
void AppendMember(std::string* to, std::string_view name, int64_t number);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_JSON_H_
