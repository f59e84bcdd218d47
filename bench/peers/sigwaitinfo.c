// A loop of sigwaitinfo(2).
#define _GNU_SOURCE
#include "receiver.h"

int main(int argc, char** argv) {
  Receiver receiver = begin(argc, argv);
  siginfo_t info;
  do {
    if (sigwaitinfo(&receiver.set, &info) < 0) return 1;
  } while (receive(&receiver, info.si_signo, info.si_value.sival_int));
  report(&receiver);
  return 0;
}
