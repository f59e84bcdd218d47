// The one sender for all receivers. It begins when its standard input, into which the receiver writes, says so.
// sender latency PID COUNT: sends SIGUSR2, waits for the time at which its receiver ran, and so on; the first sixth is to warm
//   up. Prints, in nanoseconds, the median and the 99th percentile of what lies in between, and the median until the answer
//   was here.
// sender queue PID COUNT: queues COUNT values, again and again while the queue is full, then SIGRTMAX; sender storm PID
//   COUNT: COUNT times SIGUSR2, then SIGTERM. Both print when they began, and how often the queue was full.
// sender paced-queue|paced-storm PID COUNT MS: spreads them over the time, without an end; a queued value is the time at which
//   it was sent, and one that finds the queue full is not sent again.
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

static void sleep_us(long us) { nanosleep(&(struct timespec){us / 1000000, us % 1000000 * 1000}, NULL); }

static void check(int holds, const char* what) {
  if (holds) return;
  perror(what);
  exit(1);
}

static int64_t receive(void) {
  int64_t value;
  for (size_t got = 0; got < sizeof(value);) {
    const ssize_t count = read(STDIN_FILENO, (char*)&value + got, sizeof(value) - got);
    check(count > 0, "no answer");
    got += (size_t)count;
  }
  return value;
}

static int compare(const void* a, const void* b) {
  const int64_t x = *(const int64_t*)a, y = *(const int64_t*)b;
  return (x > y) - (x < y);
}

static long long percentile(int64_t* values, int count, int percent) {
  qsort(values, (size_t)count, sizeof(*values), compare);
  return values[(long)count * percent / 100];
}

static void measure_latency(pid_t pid, int count) {
  int64_t* delays = calloc((size_t)count, sizeof(*delays));
  int64_t* round_trips = calloc((size_t)count, sizeof(*round_trips));
  for (int i = -(count / 6), left = count; left > 0; ++i, --left) {
    sleep_us(500);  // the receiver has gone back to sleep by then
    const int64_t sent = now();
    check(kill(pid, SIGUSR2) == 0, "kill");
    const int64_t ran = receive();
    if (i < 0) continue;
    delays[i] = ran - sent;
    round_trips[i] = now() - sent;
  }
  count -= count / 6;
  printf("{\"p50\":%lld,\"p99\":%lld,\"roundTrip\":%lld}\n", percentile(delays, count, 50), percentile(delays, count, 99),
         percentile(round_trips, count, 50));
}

// False when the queue is full, which a standard signal never finds.
static int send_one(pid_t pid, int signal, union sigval value) {
  const int result = signal >= SIGRTMIN ? sigqueue(pid, signal, value) : kill(pid, signal);
  check(result == 0 || errno == EAGAIN, "send");
  return result == 0;
}

static void send_all(pid_t pid, int count, int signal, int last) {
  const int64_t began = now();
  long full = 0;
  for (int sent = 0; sent <= count; ++sent) {
    while (!send_one(pid, sent == count ? last : signal, (union sigval){.sival_int = sent})) {
      ++full;
      sleep_us(100);
    }
  }
  printf("{\"beganNs\":%lld,\"full\":%ld}\n", (long long)began, full);
}

static void send_paced(pid_t pid, int count, int signal, int duration_ms) {
  enum { kAtOnce = 25 };
  const int64_t began = now();
  for (int sent = 0; sent < count; ++sent) {
    const int64_t due = began + duration_ms * 1000000LL * sent / count;
    if (sent % kAtOnce == 0 && due > now()) sleep_us((due - now()) / 1000 + 1);
    send_one(pid, signal, (union sigval){.sival_ptr = (void*)(intptr_t)now()});
  }
}

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const char* what = argv[1];
  const pid_t pid = atoi(argv[2]);
  const int count = atoi(argv[3]), queued = SIGRTMIN + 1;
  receive();
  if (strcmp(what, "latency") == 0) measure_latency(pid, count);
  if (strcmp(what, "queue") == 0) send_all(pid, count, queued, SIGRTMAX);
  if (strcmp(what, "storm") == 0) send_all(pid, count, SIGUSR2, SIGTERM);
  if (strcmp(what, "paced-queue") == 0 && argc > 4) send_paced(pid, count, queued, atoi(argv[4]));
  if (strcmp(what, "paced-storm") == 0 && argc > 4) send_paced(pid, count, SIGUSR2, atoi(argv[4]));
  return 0;
}
