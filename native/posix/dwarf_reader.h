#ifndef SIGKIT_POSIX_DWARF_READER_H_
#define SIGKIT_POSIX_DWARF_READER_H_

#include <cstddef>
#include <cstdint>

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
  void Skip(uint64_t count);
  // Of so many bytes, 8 at most; all machines that this is for have the lowest first.
  uint64_t Take(size_t size);
  uint8_t Byte() { return static_cast<uint8_t>(Take(1)); }
  uint32_t Word() { return static_cast<uint32_t>(Take(sizeof(uint32_t))); }
  uint64_t Unsigned() { return Leb(false); }
  int64_t Signed() { return static_cast<int64_t>(Leb(true)); }

 private:
  uint64_t Leb(bool is_signed);

  const uint8_t* at_;
  const uint8_t* end_;
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_DWARF_READER_H_
