// spawn posix_spawn|fork COUNT AT_ONCE HEAP_MIB FILE: starts FILE until COUNT of them have ended, AT_ONCE at a time, beside so much
// memory in use. Prints the microseconds that each took of the whole.
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

extern char **environ;

static void start(int by_fork, char **command) {
  pid_t pid;
  if (!by_fork) {
    check(posix_spawn(&pid, command[0], NULL, NULL, command, environ) == 0, command[0]);
    return;
  }
  pid = fork();
  check(pid != -1, "fork");
  if (pid != 0) return;
  execv(command[0], command);
  _exit(127);
}

static void wait_for_one(void) {
  int status = -1;
  check(wait(&status) > 0 && status == 0, "the command");
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  const int by_fork = strcmp(argv[1], "fork") == 0;
  const int count = atoi(argv[2]);
  const int at_once = atoi(argv[3]);
  const size_t heap = (size_t)atoi(argv[4]) << 20;
  if (heap > 0) {
    char *memory = malloc(heap);
    check(memory != NULL, "malloc");
    memset(memory, 1, heap);
    // So that it is not optimised away.
    fprintf(stderr, "%d\n", memory[heap - 1]);
  }
  const double before = now();
  int running = 0;
  for (int started = 0; started < count; ++started) {
    if (running == at_once) {
      wait_for_one();
      --running;
    }
    start(by_fork, argv + 5);
    ++running;
  }
  for (; running > 0; --running) wait_for_one();
  printf("%f\n", (now() - before) / count);
  return 0;
}
