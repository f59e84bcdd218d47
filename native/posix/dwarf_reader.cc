#include "posix/dwarf_reader.h"

#include <algorithm>
#include <cstring>

namespace sigkit {

void DwarfReader::Skip(uint64_t count) { at_ += std::min<uint64_t>(count, rest()); }

uint64_t DwarfReader::Take(size_t size) {
  uint64_t number = 0;
  if (rest() >= size) memcpy(&number, at_, size);
  Skip(size);
  return number;
}

uint64_t DwarfReader::Leb(bool is_signed) {
  constexpr unsigned kWidth = 64;
  uint64_t value = 0;
  unsigned bits = 0;
  uint8_t byte = 0;
  do {
    byte = Byte();
    if (bits < kWidth) value |= (byte & uint64_t{0x7F}) << bits;
    bits += 7;
  } while ((byte & 0x80U) != 0);
  const bool is_negative = is_signed && bits < kWidth && (byte & 0x40U) != 0;
  return is_negative ? value | ~uint64_t{0} << bits : value;
}

}  // namespace sigkit
