#ifndef SIGKIT_POSIX_DWARF_READER_H_
#define SIGKIT_POSIX_DWARF_READER_H_

#include <cstdint>
#include <cstring>

namespace sigkit {

// Reads from tables of a loaded object, as DWARF encodes numbers.
class DwarfReader {
 public:
  explicit DwarfReader(const uint8_t* at) : at_(at) {}

  const uint8_t* at() const { return at_; }
  void Skip(uint64_t count) { at_ += count; }

  template <typename Number>
  Number Read() {
    Number number;
    memcpy(&number, at_, sizeof(number));
    at_ += sizeof(number);
    return number;
  }
  uint8_t Byte() { return *at_++; }
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
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_DWARF_READER_H_
