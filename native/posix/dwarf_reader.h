#ifndef SIGKIT_POSIX_DWARF_READER_H_
#define SIGKIT_POSIX_DWARF_READER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sigkit {

// Memory that can be read: the part of an object that its tables are in.
struct Extent {
  const uint8_t* start = nullptr;
  const uint8_t* end = nullptr;
  bool Has(const uint8_t* at) const { return at >= start && at < end; }
};

// Reads from tables of a loaded object, as DWARF encodes numbers; beyond their extent there are zeros.
class DwarfReader {
 public:
  DwarfReader(const uint8_t* at, Extent extent) : at_(extent.Has(at) ? at : extent.end), end_(extent.end) {}

  const uint8_t* at() const { return at_; }
  size_t rest() const { return static_cast<size_t>(end_ - at_); }
  void Skip(uint64_t count) { at_ += std::min<uint64_t>(count, rest()); }

  template <typename Number>
  Number Read() {
    Number number = 0;
    if (rest() >= sizeof(number)) memcpy(&number, at_, sizeof(number));
    Skip(sizeof(number));
    return number;
  }
  uint8_t Byte() { return Read<uint8_t>(); }
  uint64_t Unsigned() {
    unsigned bits = 0;
    return Leb(&bits);
  }
  int64_t Signed() {
    unsigned bits = 0;
    const uint64_t value = Leb(&bits);
    const bool is_negative = bits < 64 && (value >> (bits - 1) & 1) != 0;
    return static_cast<int64_t>(is_negative ? value | ~uint64_t{0} << bits : value);
  }

 private:
  uint64_t Leb(unsigned* bits) {
    uint64_t value = 0;
    uint8_t byte;
    do {
      byte = Byte();
      if (*bits < 64) value |= (byte & uint64_t{0x7F}) << *bits;
      *bits += 7;
    } while ((byte & 0x80U) != 0);
    return value;
  }

  const uint8_t* at_;
  const uint8_t* end_;
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_DWARF_READER_H_
