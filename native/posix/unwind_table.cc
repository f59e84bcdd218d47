#include "posix/unwind_table.h"

#include <cstring>

#include "posix/dwarf_reader.h"

namespace sigkit {
namespace {

// What both say of one function.
struct Entry {
  Extent tables = {};
  const uint8_t* common_program = nullptr;
  const uint8_t* common_end = nullptr;
  const uint8_t* program = nullptr;
  const uint8_t* end = nullptr;
  uintptr_t start = 0;
  uint64_t code_factor = 1;
  int64_t data_factor = 1;
  uint8_t encoding = 0;
};

// Of a pointer; 0 for what is not of one size.
size_t SizeOf(uint8_t encoding) {
  switch (encoding & 0x0FU) {
    case 0x02:
    case 0x0A:
      return 2;
    case 0x03:
    case 0x0B:
      return 4;
    case 0x00:
    case 0x04:
    case 0x0C:
      return 8;
    default:
      return 0;
  }
}

bool ReadCommon(const uint8_t* at, Entry* entry, UnwindRow* row) {
  DwarfReader reader(at, entry->tables);
  const auto length = reader.Word();
  entry->common_end = reader.at() + length;
  if (length > reader.rest() || reader.Word() != 0) return false;
  const uint8_t version = reader.Byte();
  const char* extras = reinterpret_cast<const char*>(reader.at());
  while (reader.Byte() != 0) {
  }
  if (reader.rest() == 0) return false;
  entry->code_factor = reader.Unsigned();
  entry->data_factor = reader.Signed();
  row->return_register = version == 1 ? reader.Byte() : reader.Unsigned();
  if (*extras == '\0') {
    entry->common_program = reader.at();
    return true;
  }
  if (*extras != 'z') return false;
  const uint64_t size = reader.Unsigned();
  entry->common_program = reader.at() + size;
  while (*++extras != '\0') {
    if (*extras == 'R') entry->encoding = reader.Byte();
    if (*extras == 'L') reader.Skip(1);
    if (*extras == 'S') row->is_signal_frame = true;
    // The others have nothing to skip.
    if (*extras == 'P') reader.Skip(SizeOf(reader.Byte()));
  }
  return true;
}

bool ReadEntry(const uint8_t* at, uintptr_t address, Entry* entry, UnwindRow* row) {
  DwarfReader reader(at, entry->tables);
  const auto length = reader.Word();
  entry->end = reader.at() + length;
  const uint8_t* const here = reader.at();
  if (length > reader.rest()) return false;
  const auto back = reader.Word();
  if (back == 0 || !ReadCommon(here - back, entry, row)) return false;
  const size_t size = SizeOf(entry->encoding);
  if (size == 0) return false;
  reader.Skip(size);
  const uint64_t extent = reader.Take(size);
  if (address - entry->start >= extent) return false;
  // As in the common part: 'z'.
  const uint64_t extras = reader.Unsigned();
  entry->program = reader.at() + extras;
  return true;
}

// The index is sorted: of each function its start, and where its entry is.
bool FindEntry(const uint8_t* index, uintptr_t address, Entry* entry, UnwindRow* row) {
  constexpr size_t kHead = 8;
  constexpr uint8_t kSigned4FromHere = 0x1B;
  constexpr uint8_t kUnsigned4 = 0x03;
  constexpr uint8_t kSigned4FromIndex = 0x3B;
  struct Line {
    int32_t start;
    int32_t entry;
  };
  DwarfReader reader(index, entry->tables);
  if (reader.rest() < kHead || index[0] != 1 || index[1] != kSigned4FromHere || index[2] != kUnsigned4 ||
      index[3] != kSigned4FromIndex)
    return false;
  reader.Skip(kHead);
  const auto count = reader.Word();
  const uint8_t* const lines = reader.at();
  if (count > reader.rest() / sizeof(Line)) return false;
  const auto line = [&](size_t number) {
    Line read;
    memcpy(&read, lines + number * sizeof(read), sizeof(read));
    return read;
  };
  const auto base = reinterpret_cast<uintptr_t>(index);
  size_t low = 0;
  for (size_t high = count; low < high;) {
    const size_t middle = (low + high) / 2;
    if (base + static_cast<uintptr_t>(intptr_t{line(middle).start}) <= address) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return false;
  const Line found = line(low - 1);
  entry->start = base + static_cast<uintptr_t>(intptr_t{found.start});
  return ReadEntry(index + found.entry, address, entry, row);
}

// Runs the program of an entry up to a place in its function.
class RowMaker {
 public:
  RowMaker(const Entry& entry, UnwindRow* row) : entry_(entry), row_(row), at_(entry.start) {}

  bool Run(const uint8_t* program, const uint8_t* end, uintptr_t address) {
    DwarfReader reader(program, entry_.tables);
    while (reader.at() < end && reader.rest() > 0) {
      const uint8_t code = reader.Byte();
      const uint8_t operand = code & 0x3FU;
      switch (code & 0xC0U) {
        case 0x40:
          at_ += operand * entry_.code_factor;
          break;
        case 0x80:
          Set(operand, UnwindRow::kAt, Factored(reader.Unsigned()));
          break;
        case 0xC0:
          Restore(operand);
          break;
        default:
          if (!RunExtended(code, &reader)) return false;
      }
      if (at_ > address) return true;
    }
    return true;
  }
  void KeepInitial() { initial_ = *row_; }

 private:
  static constexpr size_t kDepth = 4;

  int64_t Factored(uint64_t value) const { return static_cast<int64_t>(value) * entry_.data_factor; }
  void Set(uint64_t number, UnwindRow::Rule rule, int64_t value) {
    if (number < Registers::kCount) row_->registers[number] = {rule, value};
  }
  void Restore(uint64_t number) {
    if (number < Registers::kCount) row_->registers[number] = initial_.registers[number];
  }
  void SetFrame(uint64_t number, int64_t value) {
    row_->frame_register = number;
    row_->frame = {UnwindRow::kAt, value};
  }
  void Advance(uint64_t count) { at_ += count * entry_.code_factor; }
  static int64_t Block(DwarfReader* reader) {
    const auto address = reinterpret_cast<intptr_t>(reader->at());
    const uint64_t size = reader->Unsigned();
    reader->Skip(size);
    return address;
  }

  bool RunExtended(uint8_t code, DwarfReader* reader);

  const Entry& entry_;
  UnwindRow* const row_;
  uintptr_t at_;
  UnwindRow initial_;
  UnwindRow kept_[kDepth];
  size_t depth_ = 0;
};

bool RowMaker::RunExtended(uint8_t code, DwarfReader* reader) {
  uint64_t number = 0;
  switch (code) {
    case 0x00:  // nop
    case 0x2D:  // arm64: the return address has a signature, or none any more; it is left out of each
      return true;
    case 0x02:
      Advance(reader->Byte());
      return true;
    case 0x03:
      Advance(reader->Take(2));
      return true;
    case 0x04:
      Advance(reader->Word());
      return true;
    case 0x05:  // offset_extended
      number = reader->Unsigned();
      Set(number, UnwindRow::kAt, Factored(reader->Unsigned()));
      return true;
    case 0x06:
      Restore(reader->Unsigned());
      return true;
    case 0x07:
      Set(reader->Unsigned(), UnwindRow::kUndefined, 0);
      return true;
    case 0x08:
      Set(reader->Unsigned(), UnwindRow::kSame, 0);
      return true;
    case 0x09:
      number = reader->Unsigned();
      Set(number, UnwindRow::kCopy, static_cast<int64_t>(reader->Unsigned()));
      return true;
    case 0x0A:  // remember_state
      if (depth_ == kDepth) return false;
      kept_[depth_++] = *row_;
      return true;
    case 0x0B:
      if (depth_ == 0) return false;
      *row_ = kept_[--depth_];
      return true;
    case 0x0C:  // def_cfa
      number = reader->Unsigned();
      SetFrame(number, static_cast<int64_t>(reader->Unsigned()));
      return true;
    case 0x0D:
      SetFrame(reader->Unsigned(), row_->frame.value);
      return true;
    case 0x0E:
      SetFrame(row_->frame_register, static_cast<int64_t>(reader->Unsigned()));
      return true;
    case 0x0F:
      row_->frame = {UnwindRow::kIsExpression, Block(reader)};
      return true;
    case 0x10:  // expression
      number = reader->Unsigned();
      Set(number, UnwindRow::kAtExpression, Block(reader));
      return true;
    case 0x11:  // offset_extended_sf
      number = reader->Unsigned();
      Set(number, UnwindRow::kAt, reader->Signed() * entry_.data_factor);
      return true;
    case 0x12:  // def_cfa_sf
      number = reader->Unsigned();
      SetFrame(number, reader->Signed() * entry_.data_factor);
      return true;
    case 0x13:
      SetFrame(row_->frame_register, reader->Signed() * entry_.data_factor);
      return true;
    case 0x14:  // val_offset
      number = reader->Unsigned();
      Set(number, UnwindRow::kIs, Factored(reader->Unsigned()));
      return true;
    case 0x16:  // val_expression
      number = reader->Unsigned();
      Set(number, UnwindRow::kIsExpression, Block(reader));
      return true;
    case 0x2E:  // GNU_args_size
      reader->Unsigned();
      return true;
    default:
      return false;
  }
}

// No compiler needs more.
class Operands {
 public:
  bool Push(uint64_t value) {
    if (count_ == kCount) return false;
    values_[count_++] = value;
    return true;
  }
  bool Pop(uint64_t* value) {
    if (count_ == 0) return false;
    *value = values_[--count_];
    return true;
  }

 private:
  static constexpr size_t kCount = 8;
  uint64_t values_[kCount];
  size_t count_ = 0;
};

bool Combine(uint8_t code, uint64_t left, uint64_t right, Operands* operands) {
  switch (code) {
    case 0x1A:
      return operands->Push(left & right);
    case 0x1C:
      return operands->Push(left - right);
    case 0x1E:
      return operands->Push(left * right);
    case 0x22:
      return operands->Push(left + right);
    case 0x24:
      return operands->Push(right < 64 ? left << right : 0);
    case 0x2A:
      return operands->Push(static_cast<int64_t>(left) >= static_cast<int64_t>(right) ? 1 : 0);
    default:
      return false;
  }
}

bool Operate(uint8_t code, DwarfReader* reader, const Registers& registers, const StackSample& sample,
             Operands* operands) {
  uint64_t value = 0;
  if (code >= 0x30 && code <= 0x4F) return operands->Push(code - 0x30U);
  if (code >= 0x70 && code <= 0x8F) {  // breg
    const int number = code - 0x70;
    return registers.Knows(number) &&
           operands->Push(registers.values[number] + static_cast<uint64_t>(reader->Signed()));
  }
  if (!operands->Pop(&value)) return false;
  if (code == 0x06) return sample.Read(value, &value) && operands->Push(value);
  if (code == 0x23) return operands->Push(value + reader->Unsigned());
  uint64_t left = 0;
  return operands->Pop(&left) && Combine(code, left, value, operands);
}

}  // namespace

bool FindUnwindRow(const LoadedCode& code, uintptr_t address, UnwindRow* row) {
  Entry entry;
  entry.tables = row->tables = code.unwind_tables;
  if (!FindEntry(code.unwind_index, address, &entry, row)) return false;
  RowMaker maker(entry, row);
  if (!maker.Run(entry.common_program, entry.common_end, address)) return false;
  maker.KeepInitial();
  return maker.Run(entry.program, entry.end, address);
}

bool Evaluate(const UnwindRow& row, const UnwindRow::Place& expression, const Registers& registers,
              const StackSample& sample, const uint64_t* first, uint64_t* result) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  DwarfReader reader(reinterpret_cast<const uint8_t*>(expression.value), row.tables);
  const uint64_t size = reader.Unsigned();
  if (size > reader.rest()) return false;
  const uint8_t* const end = reader.at() + size;
  Operands operands;
  if (first != nullptr) operands.Push(*first);
  while (reader.at() < end) {
    if (!Operate(reader.Byte(), &reader, registers, sample, &operands)) return false;
  }
  return operands.Pop(result);
}

}  // namespace sigkit
