#ifndef SIGKIT_HUB_DIAGNOSTIC_REQUEST_H_
#define SIGKIT_HUB_DIAGNOSTIC_REQUEST_H_

#include <array>
#include <cstdint>
#include <string>

#include "posix/clock.h"
#include "posix/sender_program.h"
#include "posix/signal_record.h"

namespace sigkit {

// What a signal may ask for. lib/diagnostics/requestable.ts has the same order.
enum class DiagnosticAction : uint8_t {
  kDump = 0,
  kStacks = 1,
  kHeapSnapshot = 2,
  kHeapProfile = 3,
  kCpuProfile = 4,
  kReport = 5,
  kOpenInspector = 6,
  kCloseInspector = 7,
  kReopen = 8,
  kPrint = 9,    // stacks to stderr
  kByValue = 10  // what sigqueue(3) says
};
inline constexpr size_t kDiagnosticActions = 10;

struct DiagnosticRequest {
  uint32_t id = 0;
  DiagnosticAction action = DiagnosticAction::kDump;
  uint32_t seconds = 0;  // of profiles; 0: not said
  SignalRecord record = {};
  SenderProgram sender;
  // How many have asked for the same since, and the pids of the first of these.
  uint32_t merged = 0;
  std::array<int32_t, 8> also = {};
  Time asked_at = 0;
  // When to look again whether JavaScript takes it.
  Time look_at = 0;
  // By JavaScript; 0: not yet.
  Time taken_at = 0;
  // What JavaScript has made of it.
  bool done = false;
  std::string text;
  std::string file;
  std::string error;
};

}  // namespace sigkit

#endif  // SIGKIT_HUB_DIAGNOSTIC_REQUEST_H_
