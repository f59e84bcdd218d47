#ifndef SIGKIT_POSIX_PROCESS_STAT_H_
#define SIGKIT_POSIX_PROCESS_STAT_H_

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <string>

namespace sigkit {

// Fields of /proc/PID/stat by their numbers in proc(5), from 4 on.
inline constexpr int kParent = 4;
inline constexpr int kProcessGroup = 5;
inline constexpr int kSessionId = 6;
inline constexpr int kFlags = 9;
inline constexpr int kThreads = 20;
inline constexpr int kStartTime = 22;
inline constexpr int kExitStatus = 52;

struct ProcessStat {
  std::string name;
  char state = '\0';
  // The user who owns it; -1 if nobody has asked, which is done for zombies alone.
  int64_t owner = -1;
  // By field; what an older kernel does not have is 0.
  std::array<int64_t, kExitStatus + 1> numbers = {};
};

// Of a /proc that is known to be this process's (own_proc.h). Returns 0 or a negative errno. Whoever wants no fields
// after `last` is not told the owner either, which is a look of its own.
int ReadProcessStat(pid_t pid, ProcessStat* stat, int last = kExitStatus);

// A number of the file at this path; 0 where it cannot be read. Async-signal-safe.
uint64_t StatNumber(const char* path, int field);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_PROCESS_STAT_H_
