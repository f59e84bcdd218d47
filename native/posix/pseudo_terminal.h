#ifndef SIGKIT_POSIX_PSEUDO_TERMINAL_H_
#define SIGKIT_POSIX_PSEUDO_TERMINAL_H_

#include <cstdint>

namespace sigkit {

struct TerminalSize {
  uint16_t columns = 0;
  uint16_t rows = 0;
};

// All return a negative errno if they fail. Our end of a new terminal, which nobody has opened yet:
int OpenPseudoTerminal();
int ResizeTerminal(int ours, TerminalSize size);
int SizeOfTerminal(int ours, TerminalSize* size);
// With or without echo, lines, and keys that send signals.
int SetRawTerminal(int ours, bool raw);
// The key that means end of file; 0: what is typed is taken as it is.
int EndOfFileKey(int ours);

// The other end. Async-signal-safe, for a half-born child.
long OpenOtherEnd(int ours);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_PSEUDO_TERMINAL_H_
