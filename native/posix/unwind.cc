#include "posix/unwind.h"

#include "posix/loaded_code.h"
#include "posix/unwind_table.h"

namespace sigkit {
namespace {

constexpr size_t kFrames = 64;

// A return address without the signature that arm64 may put into its upper bits.
uintptr_t Unsigned(uint64_t address) {
#ifdef __aarch64__
  constexpr uint64_t kAddress = (uint64_t{1} << 48) - 1;
  return address & kAddress;
#else
  return address;
#endif
}

bool FrameAddress(const UnwindRow& row, const Registers& registers, const StackSample& sample, uint64_t* frame) {
  if (row.frame.rule == UnwindRow::kIsExpression) return Evaluate(row, row.frame, registers, sample, nullptr, frame);
  if (row.frame.rule != UnwindRow::kAt || !registers.Knows(static_cast<int64_t>(row.frame_register))) return false;
  *frame = registers.values[row.frame_register] + static_cast<uint64_t>(row.frame.value);
  return true;
}

// False: unknown.
bool CallersValue(const UnwindRow& row, int number, const Registers& registers, const StackSample& sample,
                  uint64_t frame, uint64_t* value) {
  const UnwindRow::Place& place = row.registers[number];
  const uint64_t near = frame + static_cast<uint64_t>(place.value);
  switch (place.rule) {
    case UnwindRow::kSame:
    case UnwindRow::kCopy: {
      const int64_t from = place.rule == UnwindRow::kSame ? number : place.value;
      if (!registers.Knows(from)) return false;
      *value = registers.values[from];
      return true;
    }
    case UnwindRow::kUndefined:
      return false;
    case UnwindRow::kAt:
      return sample.Read(near, value);
    case UnwindRow::kIs:
      *value = near;
      return true;
    case UnwindRow::kAtExpression:
      return Evaluate(row, place, registers, sample, &frame, value) && sample.Read(*value, value);
    case UnwindRow::kIsExpression:
      return Evaluate(row, place, registers, sample, &frame, value);
  }
  return false;
}

bool StepByTable(const UnwindRow& row, const StackSample& sample, Registers* registers) {
  uint64_t frame = 0;
  if (!FrameAddress(row, *registers, sample, &frame)) return false;
  Registers caller;
  for (int number = 0; number < Registers::kCount; ++number) {
    uint64_t value = 0;
    if (CallersValue(row, number, *registers, sample, frame, &value)) caller.Set(number, value);
  }
  if (row.registers[Registers::kStack].rule == UnwindRow::kSame) caller.Set(Registers::kStack, frame);
  if (!caller.Knows(static_cast<int64_t>(row.return_register))) return false;
  caller.pc = Unsigned(caller.values[row.return_register]);
  *registers = caller;
  return true;
}

bool StepByFramePointer(const StackSample& sample, Registers* registers) {
  if (!registers->Knows(Registers::kFrame)) return false;
  const uint64_t frame = registers->values[Registers::kFrame];
  uint64_t next = 0;
  uint64_t place = 0;
  if (frame % 8 != 0 || !sample.Read(frame, &next) || !sample.Read(frame + 8, &place)) return false;
  Registers caller;
  caller.Set(Registers::kFrame, next);
  caller.Set(Registers::kStack, frame + 16);
  caller.pc = Unsigned(place);
  *registers = caller;
  return true;
}

}  // namespace

std::vector<uintptr_t> Unwind(const StackSample& sample) {
  std::vector<uintptr_t> places;
  Registers registers = sample.registers;
  // A call may be the last instruction of its function; only of what was interrupted the place is that itself.
  uintptr_t into = 0;
  while (places.size() < kFrames) {
    LoadedCode code;
    if (!FindLoadedCode(registers.pc - into, &code)) break;
    places.push_back(registers.pc);
    UnwindRow row;
    const uint64_t stack = registers.values[Registers::kStack];
    const bool has_row = FindUnwindRow(code, registers.pc - into, &row);
    if (!(has_row ? StepByTable(row, sample, &registers) : StepByFramePointer(sample, &registers))) break;
    if (registers.values[Registers::kStack] < stack + (into == 0 ? 0 : 8)) break;
    into = row.is_signal_frame ? 0 : 1;
  }
  return places;
}

}  // namespace sigkit
