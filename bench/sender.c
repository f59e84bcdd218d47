// sender latency PID SIGNAL COUNT: sends one signal, waits on standard input for the time at which its receiver ran, and
//   so on; prints the median and the 99th percentile of the nanoseconds in between.
// sender throughput PID SIGNAL COUNT: queues COUNT values as fast as the receiver takes them.
// Both wait for eight bytes on standard input before they begin: the receiver is ready.
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int64_t receive(void) {
  int64_t value;
  for (size_t got = 0; got < sizeof(value);) {
    ssize_t count = read(0, (char*)&value + got, sizeof(value) - got);
    if (count <= 0) exit(1);
    got += (size_t)count;
  }
  return value;
}

static int compare(const void* a, const void* b) {
  const int64_t x = *(const int64_t*)a, y = *(const int64_t*)b;
  return (x > y) - (x < y);
}

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  const pid_t pid = atoi(argv[2]);
  const int signo = atoi(argv[3]), count = atoi(argv[4]);
  receive();
  if (strcmp(argv[1], "throughput") == 0) {
    for (int sent = 0; sent < count;) {
      if (sigqueue(pid, signo, (union sigval){.sival_int = sent}) == 0) {
        ++sent;
      } else if (errno == EAGAIN) {
        sched_yield();
      } else {
        return 1;
      }
    }
    return 0;
  }
  int64_t* delays = calloc((size_t)count, sizeof(*delays));
  for (int i = 0; i < count; ++i) {
    // The receiver has gone back to sleep by then.
    nanosleep(&(struct timespec){0, 500000}, NULL);
    const int64_t sent = now();
    if (kill(pid, signo) != 0) return 1;
    delays[i] = receive() - sent;
  }
  qsort(delays, (size_t)count, sizeof(*delays), compare);
  printf("%lld %lld\n", (long long)delays[count / 2], (long long)delays[(count * 99) / 100]);
  return 0;
}
