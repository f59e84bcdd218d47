// What the programs in C around processes share.
#pragma once
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static inline void check(int holds, const char *what) {
  if (holds) return;
  perror(what);
  exit(1);
}

// The length of the text, which a 0 ends.
static inline long read_file(const char *path, char *text, size_t size) {
  const int file = open(path, O_RDONLY);
  check(file >= 0, path);
  long length = 0;
  for (long got; (got = read(file, text + length, size - (size_t)length - 1)) > 0;) length += got;
  text[length] = '\0';
  close(file);
  return length;
}

// In microseconds.
static inline double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}
