// What the receivers in C share. Each is started as `receiver latency|queue COUNT`. It writes the time to its standard output
// when it is ready and, for the latency, when the body of its loop runs; to its standard error what it has used.
#pragma once
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static inline int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static inline double cpu_ms(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static inline void tell(void) {
  const int64_t time = now();
  if (write(STDOUT_FILENO, &time, sizeof(time)) != sizeof(time)) exit(1);
}

typedef struct {
  int latency;
  int queue;
  int count;
  int received;
  double cpu_before;
  sigset_t set;
} Receiver;

// The end of what is queued is told by SIGRTMAX, which comes after all lower signals; that of a storm by SIGTERM.
static inline int end_of(const Receiver* receiver) { return receiver->queue ? SIGRTMAX : SIGTERM; }

static inline Receiver begin(int argc, char** argv) {
  if (argc < 3) exit(2);
  Receiver receiver = {
      .latency = strcmp(argv[1], "latency") == 0, .queue = strcmp(argv[1], "queue") == 0, .count = atoi(argv[2])};
  sigemptyset(&receiver.set);
  sigaddset(&receiver.set, receiver.queue ? SIGRTMIN + 1 : SIGUSR2);
  sigaddset(&receiver.set, end_of(&receiver));
  sigprocmask(SIG_BLOCK, &receiver.set, NULL);
  receiver.cpu_before = cpu_ms();
  tell();
  return receiver;
}

// One signal; false when it was the last.
static inline int receive(Receiver* receiver, int signal, int value) {
  if (signal == end_of(receiver)) return 0;
  if (receiver->latency) tell();
  if (receiver->queue && value != receiver->received) exit(1);
  ++receiver->received;
  return !receiver->latency || receiver->received < receiver->count;
}

static inline void report(const Receiver* receiver) {
  fprintf(stderr, "{\"endNs\":%lld,\"cpuMs\":%.3f,\"received\":%d}\n", (long long)now(), cpu_ms() - receiver->cpu_before,
          receiver->received);
}
