// sigprocmask CALLS: microseconds for one bare rt_sigprocmask(2).
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const int calls = atoi(argv[1]);
  const unsigned long set = 1UL << (SIGHUP - 1);
  const double before = now();
  for (int done = 0; done < calls; ++done) {
    if (syscall(SYS_rt_sigprocmask, done % 2 == 0 ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL, sizeof(set)) != 0) return 1;
  }
  printf("%f\n", (now() - before) / calls);
  return 0;
}
