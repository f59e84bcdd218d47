// What the programs in C around processes share.
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline void check(int holds, const char *what) {
  if (holds) return;
  perror(what);
  exit(1);
}

// In microseconds.
static inline double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}
