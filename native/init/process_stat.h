#ifndef SIGKIT_INIT_PROCESS_STAT_H_
#define SIGKIT_INIT_PROCESS_STAT_H_

#include <cstdint>

namespace sigkit::init {

// Fields of /proc/PID/stat by their numbers in proc(5), from 4 on.
inline constexpr int kFlags = 9;
inline constexpr int kStartTime = 22;

// A number of the file at this path; 0 where it cannot be read. Async-signal-safe.
uint64_t StatNumber(const char* path, int field);

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_PROCESS_STAT_H_
