#include "posix/pseudo_terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "posix/child_calls.h"
#include "posix/unique_fd.h"

namespace sigkit {
namespace {

constexpr unsigned long kOpenPeer = 0x5441;  // TIOCGPTPEER, kernel 4.13
constexpr int kOtherEnd = O_RDWR | O_NOCTTY | O_CLOEXEC;

// What cfmakeraw(3) takes away, as a new terminal has it.
constexpr tcflag_t kInput = ICRNL | IXON;
constexpr tcflag_t kOutput = OPOST | ONLCR;
constexpr tcflag_t kLocal = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;

}  // namespace

// libc's grantpt(3) and ptsname(3) are for other systems than devpts(5).
int OpenPseudoTerminal() {
  UniqueFd ours(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
  if (ours.get() < 0) return -errno;
  int unlocked = 0;
  termios modes = {};
  if (ioctl(ours.get(), TIOCSPTLCK, &unlocked) == -1 || tcgetattr(ours.get(), &modes) == -1) return -errno;
  modes.c_iflag |= IUTF8;
  return tcsetattr(ours.get(), TCSANOW, &modes) == -1 ? -errno : ours.Release();
}

int ResizeTerminal(int ours, TerminalSize size) {
  winsize wanted = {};
  wanted.ws_col = size.columns;
  wanted.ws_row = size.rows;
  return ioctl(ours, TIOCSWINSZ, &wanted) == -1 ? -errno : 0;
}

int SizeOfTerminal(int ours, TerminalSize* size) {
  winsize now = {};
  if (ioctl(ours, TIOCGWINSZ, &now) == -1) return -errno;
  *size = {.columns = now.ws_col, .rows = now.ws_row};
  return 0;
}

int SetRawTerminal(int ours, bool raw) {
  termios modes = {};
  if (tcgetattr(ours, &modes) == -1) return -errno;
  if (raw) {
    cfmakeraw(&modes);
  } else {
    modes.c_iflag |= kInput;
    modes.c_oflag |= kOutput;
    modes.c_lflag |= kLocal;
  }
  return tcsetattr(ours, TCSANOW, &modes) == -1 ? -errno : 0;
}

int EndOfFileKey(int ours) {
  termios modes = {};
  if (tcgetattr(ours, &modes) == -1) return -errno;
  return (modes.c_lflag & ICANON) == 0 ? 0 : modes.c_cc[VEOF];
}

__attribute__((no_sanitize("thread", "address", "undefined"))) long OpenOtherEnd(int ours) {
  const long peer = Call(SYS_ioctl, ours, kOpenPeer, kOtherEnd);
  if (peer != -EINVAL && peer != -ENOTTY) return peer;
  unsigned number = 0;
  const long told = Call(SYS_ioctl, ours, TIOCGPTN, &number);
  if (told < 0) return told;
  char path[24] = "/dev/pts/";
  char* end = path + sizeof("/dev/pts/") - 1;
  unsigned divisor = 1;
  while (number / divisor >= 10) divisor *= 10;
  for (; divisor > 0; divisor /= 10) *end++ = static_cast<char>('0' + number / divisor % 10);
  *end = '\0';
  return Call(SYS_openat, AT_FDCWD, path, kOtherEnd);
}

}  // namespace sigkit
