#ifndef SIGKIT_INIT_START_RECORD_H_
#define SIGKIT_INIT_START_RECORD_H_

#include "posix/signal_set.h"

namespace sigkit::init {

// The variable SIGKIT_INIT_ORIGINAL=PID:STARTTIME:IGNORED:BLOCKED:FILES, the last of which is the soft limit of open
// files: what init was started with, for nobody but the
// process with that pid and start time (field 22 of /proc/PID/stat). Empty where /proc does not tell.
struct StartRecord {
  SignalSet ignored;
  SignalSet blocked;
  uint64_t open_files = 0;
  char variable[128] = {};

  StartRecord(SignalSet ignored_signals, SignalSet blocked_signals);
};

// Fills in what only the child itself knows, from within it. Async-signal-safe: it runs in init's memory.
void CompleteStartRecord(StartRecord* record);

// Whether somebody else's record names this process.
bool IsAboutThisProcess(const char* record);

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_START_RECORD_H_
