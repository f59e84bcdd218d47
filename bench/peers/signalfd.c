// A loop of read(2) on a signalfd(2), as many at once as there are.
#define _GNU_SOURCE
#include <sys/signalfd.h>

#include "receiver.h"

int main(int argc, char** argv) {
  Receiver receiver = begin(argc, argv);
  struct signalfd_siginfo records[64];
  const int fd = signalfd(-1, &receiver.set, SFD_CLOEXEC);
  for (int more = 1; more;) {
    const ssize_t got = read(fd, records, sizeof(records));
    if (got <= 0) return 1;
    for (size_t at = 0; more && at < (size_t)got / sizeof(records[0]); ++at)
      more = receive(&receiver, (int)records[at].ssi_signo, records[at].ssi_int);
  }
  report(&receiver);
  return 0;
}
