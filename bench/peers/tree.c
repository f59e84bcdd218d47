// tree grow COUNT: a tree of COUNT processes, this one its root: as many chains of children as are as long. Each writes a
// byte to standard output, which all hold open until they end.
// tree killpg COUNT: makes such a tree in a group of its own, ends it by killpg(2), and prints the milliseconds until the
// kernel has no process of it any more.
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

// Whoever grew it may not live to end it.
enum { kLifeSeconds = 300 };

static void live(void) {
  alarm(kLifeSeconds);
  check(write(STDOUT_FILENO, ".", 1) == 1, "write");
  for (;;) pause();
}

static void grow_chain(int count) {
  for (; count > 1; --count) {
    const pid_t pid = fork();
    check(pid != -1, "fork");
    if (pid != 0) break;
  }
  live();
}

static void grow(int count) {
  int chains = 1;
  while ((chains + 1) * (chains + 1) <= count) ++chains;
  for (int chain = 0; chain < chains; ++chain) {
    const int length = (count - 1 + chain) / chains;
    const pid_t pid = fork();
    check(pid != -1, "fork");
    if (pid == 0) grow_chain(length);
  }
  live();
}

static int end_by_killpg(int count) {
  int ends[2];
  char bytes[4096];
  check(pipe(ends) == 0 && prctl(PR_SET_CHILD_SUBREAPER, 1) == 0, "pipe");
  const pid_t root = fork();
  check(root != -1, "fork");
  if (root == 0) {
    check(setpgid(0, 0) == 0 && dup2(ends[1], STDOUT_FILENO) >= 0, "setpgid");
    close(ends[0]);
    close(ends[1]);
    grow(count);
  }
  close(ends[1]);
  for (long grown = 0, got; grown < count; grown += got) check((got = read(ends[0], bytes, sizeof(bytes))) > 0, "read");
  const double before = now();
  check(killpg(root, SIGTERM) == 0, "killpg");
  int ended = 0;
  while (wait(NULL) > 0) ++ended;
  const double after = now();
  check(ended == count && read(ends[0], bytes, 1) == 0, "all");
  printf("%f\n", (after - before) / 1e3);
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  const int count = atoi(argv[2]);
  if (strcmp(argv[1], "killpg") == 0) return end_by_killpg(count);
  grow(count);
}
