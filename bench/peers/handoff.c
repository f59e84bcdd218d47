// A thread in sigwaitinfo(2) that hands each signal to an event loop in another thread by eventfd(2): what sigkit's thread does,
// without Node. For the latency alone, where one signal is on its way at a time.
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "receiver.h"

typedef struct {
  const Receiver* receiver;
  siginfo_t info;
  int doorbell;
} Handoff;

static void* wait_for_signals(void* argument) {
  Handoff* handoff = argument;
  for (;;) {
    if (sigwaitinfo(&handoff->receiver->set, &handoff->info) < 0) exit(1);
    if (eventfd_write(handoff->doorbell, 1) != 0) exit(1);
  }
  return NULL;
}

int main(int argc, char** argv) {
  Receiver receiver = begin(argc, argv);
  Handoff handoff = {.receiver = &receiver, .doorbell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  const int loop = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN};
  pthread_t thread;
  if (epoll_ctl(loop, EPOLL_CTL_ADD, handoff.doorbell, &event) != 0) return 1;
  if (pthread_create(&thread, NULL, wait_for_signals, &handoff) != 0) return 1;
  eventfd_t rung;
  do {
    if (epoll_wait(loop, &event, 1, -1) != 1 || eventfd_read(handoff.doorbell, &rung) != 0) return 1;
  } while (receive(&receiver, handoff.info.si_signo, handoff.info.si_value.sival_int));
  report(&receiver);
  return 0;
}
