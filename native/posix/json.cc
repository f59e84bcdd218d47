#include "posix/json.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace sigkit {
namespace {

// How many bytes the character takes that begins there; 0: it is none (RFC 3629).
size_t CharacterAt(std::string_view text) {
  const auto byte = [&](size_t index) { return index < text.size() ? static_cast<uint8_t>(text[index]) : 0U; };
  const uint32_t lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xF5 ? 0 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
  for (size_t index = 1; index < length; ++index) {
    if ((byte(index) & 0xC0U) != 0x80) return 0;
  }
  const uint32_t next = byte(1);
  const bool wrong = (lead == 0xE0 && next < 0xA0) || (lead == 0xED && next > 0x9F) || (lead == 0xF0 && next < 0x90) ||
                     (lead == 0xF4 && next > 0x8F);
  return wrong ? 0 : length;
}

}  // namespace

void AppendJson(std::string* to, std::string_view text) {
  *to += '"';
  while (!text.empty()) {
    const char first = text.front();
    const size_t length = CharacterAt(text);
    if (length == 0) {
      *to += "\\ufffd";
    } else if (length == 1 && static_cast<uint8_t>(first) < 0x20) {
      std::array<char, 8> escaped;
      snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(first));
      *to += escaped.data();
    } else {
      if (first == '"' || first == '\\') *to += '\\';
      *to += text.substr(0, length);
    }
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  *to += '"';
}

void AppendKey(std::string* to, std::string_view name) {
  if (to->back() != '{') *to += ',';
  AppendJson(to, name);
  *to += ':';
}

void AppendMember(std::string* to, std::string_view name, std::string_view text) {
  AppendKey(to, name);
  AppendJson(to, text);
}

void AppendMember(std::string* to, std::string_view name, int64_t number) {
  AppendKey(to, name);
  *to += std::to_string(number);
}

}  // namespace sigkit
