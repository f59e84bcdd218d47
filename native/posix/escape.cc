#include "posix/escape.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sigkit {
namespace {

struct Character {
  uint32_t code;
  size_t bytes;
};

constexpr Character kNoCharacter = {.code = 0, .bytes = 1};

bool Continues(char byte) { return (static_cast<uint8_t>(byte) & 0xC0U) == 0x80U; }

// The first one, as UTF-8 (RFC 3629): no surrogates, nothing in more bytes than it needs.
Character FirstOf(std::string_view text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  if (lead < 0x80) return {.code = lead, .bytes = 1};
  if (lead < 0xC2 || lead > 0xF4) return kNoCharacter;
  const size_t bytes = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() < bytes) return kNoCharacter;
  uint32_t code = lead & (0x7FU >> bytes);
  for (size_t at = 1; at < bytes; ++at) {
    if (!Continues(text[at])) return kNoCharacter;
    code = code << 6U | (static_cast<uint8_t>(text[at]) & 0x3FU);
  }
  constexpr std::array<uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  return code < kSmallest[bytes] || code > 0x10FFFF || is_surrogate ? kNoCharacter : Character{code, bytes};
}

bool IsHarmless(uint32_t code) {
  const bool is_control = code < 0x20 || (code >= 0x7F && code < 0xA0);
  const bool is_separator = code == 0x2028 || code == 0x2029;
  return !is_control && !is_separator;
}

char* WriteByte(char byte, char* to) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto value = static_cast<uint8_t>(byte);
  *to++ = '\\';
  *to++ = 'x';
  *to++ = kDigits[value >> 4U];
  *to++ = kDigits[value & 15U];
  return to;
}

}  // namespace

size_t Escape(std::string_view text, char* to) {
  char* const start = to;
  while (!text.empty()) {
    const auto [code, bytes] = FirstOf(text);
    const std::string_view character = text.substr(0, bytes);
    if (code == '\\') *to++ = '\\';
    if (IsHarmless(code)) {
      to = std::copy(character.begin(), character.end(), to);
    } else {
      for (const char byte : character) to = WriteByte(byte, to);
    }
    text.remove_prefix(bytes);
  }
  return static_cast<size_t>(to - start);
}

}  // namespace sigkit
