// sigwaitinfo latency|queue|storm COUNT: what receiver.ts does, in C.
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

static double cpu_ms(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static void tell(void) {
  const int64_t time = now();
  if (write(1, &time, sizeof(time)) != sizeof(time)) exit(1);
}

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const int count = atoi(argv[2]), latency = strcmp(argv[1], "latency") == 0, queue = strcmp(argv[1], "queue") == 0;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, queue ? SIGRTMIN + 1 : SIGUSR2);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  const double cpu_before = cpu_ms();
  tell();
  int received = 0;
  while (received < count) {
    siginfo_t info;
    if (sigwaitinfo(&set, &info) == SIGTERM) break;
    if (latency) tell();
    if (queue && info.si_value.sival_int != received) return 1;
    ++received;
  }
  fprintf(stderr, "{\"endNs\":%lld,\"cpuMs\":%.3f,\"received\":%d}\n", (long long)now(), cpu_ms() - cpu_before, received);
  return 0;
}
