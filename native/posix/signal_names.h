#ifndef SIGKIT_POSIX_SIGNAL_NAMES_H_
#define SIGKIT_POSIX_SIGNAL_NAMES_H_

#include <array>
#include <string_view>

namespace sigkit {

// TERM, SIGTERM, 15, RTMIN+3, RTMAX-1; upper or lower case. 0: there is no such signal. `rtmin`: what RTMIN is.
int SignalNumber(std::string_view text, int rtmin);

// `SIGTERM`, `SIGRTMIN+3`, and `signal 32` for those below `rtmin`, which libc keeps.
struct SignalName {
  std::array<char, 24> text;
  SignalName(int signo, int rtmin);
  const char* c_str() const { return text.data(); }
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_SIGNAL_NAMES_H_
