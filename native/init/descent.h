#ifndef SIGKIT_INIT_DESCENT_H_
#define SIGKIT_INIT_DESCENT_H_

#include <sys/types.h>

#include <array>

namespace sigkit::init {

// One process, as /proc/PID/stat tells of it.
struct Seen {
  pid_t pid = 0;
  char state = '\0';  // as in proc(5); none where it may not be seen
  pid_t parent = 0;
  int threads = 1;
  std::array<char, 16> name = {};

  // One whose first thread has ended looks like a zombie while others run.
  bool has_ended() const { return (state == 'Z' || state == 'X') && threads <= 1; }
  bool is_still() const { return has_ended() || state == 'T' || state == 't'; }
};

// Sends a signal to all that descends from this process, parents first, and to nobody else: a number that has changed
// hands meanwhile is left alone. Calls `note`, if any, with each that has not ended. Returns how many were neither
// stopped nor over before. Of what is very deep, or one of very many, it sees what it can: the next call sees more.
int SignalAllBelow(int signo, void (*note)(const Seen&));

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_DESCENT_H_
