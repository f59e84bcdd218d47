// The one sender for all receivers. It begins when its standard input, into which the receiver writes, says so.
// sender latency PID COUNT: sends SIGUSR2, waits for the time at which its receiver ran, and so on; prints the median and
//   the 99th percentile of the nanoseconds in between.
// sender queue PID COUNT: queues COUNT values, again and again while the queue is full; sender storm PID COUNT: COUNT times
//   SIGUSR2, then SIGTERM. Both print when they began, in nanoseconds of CLOCK_MONOTONIC, and how often the
//   queue was full.
#define _GNU_SOURCE
#include <errno.h>
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

static void sleep_us(long us) { nanosleep(&(struct timespec){0, us * 1000}, NULL); }

static int64_t receive(void) {
  int64_t value;
  for (size_t got = 0; got < sizeof(value);) {
    const ssize_t count = read(0, (char*)&value + got, sizeof(value) - got);
    if (count <= 0) exit(1);
    got += (size_t)count;
  }
  return value;
}

static int compare(const void* a, const void* b) {
  const int64_t x = *(const int64_t*)a, y = *(const int64_t*)b;
  return (x > y) - (x < y);
}

static int measure_latency(pid_t pid, int count) {
  int64_t* delays = calloc((size_t)count, sizeof(*delays));
  for (int i = 0; i < count; ++i) {
    sleep_us(500);  // the receiver has gone back to sleep by then
    const int64_t sent = now();
    if (kill(pid, SIGUSR2) != 0) return 1;
    delays[i] = receive() - sent;
  }
  qsort(delays, (size_t)count, sizeof(*delays), compare);
  printf("[%lld, %lld]\n", (long long)delays[count / 2], (long long)delays[(count * 99) / 100]);
  return 0;
}

static int send_all(pid_t pid, int count, int queue) {
  const int64_t began = now();
  long full = 0;
  for (int sent = 0; sent < count;) {
    const int result = queue ? sigqueue(pid, SIGRTMIN + 1, (union sigval){.sival_int = sent}) : kill(pid, SIGUSR2);
    if (result == 0) {
      ++sent;
    } else if (errno == EAGAIN) {
      ++full;
      sleep_us(100);
    } else {
      return 1;
    }
  }
  if (!queue && kill(pid, SIGTERM) != 0) return 1;
  printf("[%lld, %ld]\n", (long long)began, full);
  return 0;
}

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const pid_t pid = atoi(argv[2]);
  const int count = atoi(argv[3]);
  receive();
  if (strcmp(argv[1], "latency") == 0) return measure_latency(pid, count);
  return send_all(pid, count, strcmp(argv[1], "queue") == 0);
}
