// sigwaitinfo latency|throughput SIGNAL COUNT: what the receivers in JavaScript do, in C.
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void tell(void) {
  const int64_t time = now();
  if (write(1, &time, sizeof(time)) != sizeof(time)) exit(1);
}

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const int signo = atoi(argv[2]), count = atoi(argv[3]), latency = strcmp(argv[1], "latency") == 0;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signo);
  sigprocmask(SIG_BLOCK, &set, NULL);
  tell();
  siginfo_t info;
  int64_t start = 0;
  for (int received = 0; received < count; ++received) {
    sigwaitinfo(&set, &info);
    if (received == 0) start = now();
    if (latency) tell();
    else if (info.si_value.sival_int != received) return 1;
  }
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  fprintf(stderr, "{\"wallMs\":%.3f,\"cpuMs\":%.3f}\n", (double)(now() - start) / 1e6,
          (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
              (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3);
  return 0;
}
