// init starts COUNT COMMAND...: the median of the microseconds from a start of the command to its end.
// init forward COUNT COMMAND...: median and p99 of the microseconds from the kill(2) of an init, the command, to the handler
// in its child.
// init hear: the child of that init.
// init drain COMMAND...: milliseconds in which a PID 1, the command, reaps the zombies that have piled up while it was stopped,
// and its CPU for it. It needs the right to make a pid namespace.
// init pile COUNT: the child of that PID 1.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { kGo = 100 };

static int ascending(const void *a, const void *b) {
  const double left = *(const double *)a;
  const double right = *(const double *)b;
  return (left > right) - (left < right);
}

static int starts(int count, char **command) {
  double *times = calloc((size_t)count, sizeof(*times));
  check(times != NULL, "calloc");
  for (int done = 0; done < count; ++done) {
    pid_t pid;
    int status = -1;
    const double before = now();
    check(posix_spawnp(&pid, command[0], NULL, NULL, command, environ) == 0, command[0]);
    check(waitpid(pid, &status, 0) == pid && status == 0, "the command");
    times[done] = now() - before;
  }
  qsort(times, (size_t)count, sizeof(*times), ascending);
  printf("%f\n", times[count / 2]);
  return 0;
}

static void on_signal(int signo) {
  const double heard = now();
  (void)signo;
  if (write(STDOUT_FILENO, &heard, sizeof(heard)) != sizeof(heard)) _exit(1);
}

static int hear(void) {
  const double ready = 0;
  struct sigaction action = {.sa_handler = on_signal};
  check(sigaction(SIGUSR1, &action, NULL) == 0, "sigaction");
  check(write(STDOUT_FILENO, &ready, sizeof(ready)) == sizeof(ready), "write");
  while (pause() == -1) continue;
  return 1;
}

static int forward(int count, char **command) {
  int ends[2];
  double heard;
  double *times = calloc((size_t)count, sizeof(*times));
  check(times != NULL && pipe(ends) == 0, "pipe");
  const pid_t init = fork();
  check(init != -1, "fork");
  if (init == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    execvp(command[0], command);
    _exit(127);
  }
  close(ends[1]);
  check(read(ends[0], &heard, sizeof(heard)) == sizeof(heard), "the child");
  for (int done = 0; done < count; ++done) {
    const double before = now();
    check(kill(init, SIGUSR1) == 0, "kill");
    check(read(ends[0], &heard, sizeof(heard)) == sizeof(heard), "the handler");
    times[done] = heard - before;
  }
  qsort(times, (size_t)count, sizeof(*times), ascending);
  printf("%f %f\n", times[count / 2], times[count * 99 / 100]);
  kill(init, SIGTERM);
  return waitpid(init, NULL, 0) == init ? 0 : 1;
}

// Orphans that end when `kGo` does.
static int pile(int count) {
  char byte = 0;
  for (int made = 0; made < count; ++made) {
    const pid_t between = fork();
    check(between != -1, "fork");
    if (between == 0) {
      if (fork() == 0) check(read(kGo, &byte, 1) == 0, "read");
      _exit(0);
    }
    check(waitpid(between, NULL, 0) == between, "waitpid");
  }
  printf("ready\n");
  fflush(stdout);
  return pause();
}

static long read_proc(const char *format, pid_t pid, char *text, size_t size) {
  char path[64];
  snprintf(path, sizeof(path), format, pid, pid);
  return read_file(path, text, size);
}

static double cpu(pid_t pid) {
  char text[128];
  read_proc("/proc/%d/schedstat", pid, text, sizeof(text));
  return strtod(text, NULL) / 1e6;
}

// What is running now has not been counted up to now.
static void wait_until_asleep(pid_t pid) {
  char text[512];
  do read_proc("/proc/%d/stat", pid, text, sizeof(text));
  while (strstr(text, ") S ") == NULL);
}

// Children that run, and zombies, one pid after the other as the kernel lists them.
static void count(pid_t pid, int *running, int *zombies) {
  static char text[1 << 20];
  char state[512];
  *running = *zombies = 0;
  read_proc("/proc/%d/task/%d/children", pid, text, sizeof(text));
  for (char *child = strtok(text, " "); child != NULL; child = strtok(NULL, " ")) {
    read_proc("/proc/%d/stat", atoi(child), state, sizeof(state));
    *(strstr(state, ") Z ") == NULL ? running : zombies) += 1;
  }
}

static int drain(char **command) {
  int go[2];
  int out[2];
  char line[16];
  check(pipe(go) == 0 && pipe(out) == 0, "pipe");
  const pid_t init = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
  check(init != -1, "clone");
  if (init == 0) {
    dup2(go[0], kGo);
    dup2(out[1], STDOUT_FILENO);
    close(go[0]);
    close(go[1]);
    execvp(command[0], command);
    _exit(127);
  }
  close(go[0]);
  close(out[1]);
  check(read(out[0], line, sizeof(line)) > 0, "the pile");
  kill(init, SIGSTOP);
  check(waitpid(init, NULL, WUNTRACED) == init, "waitpid");
  close(go[1]);
  int running = 0;
  int zombies = 0;
  do count(init, &running, &zombies);
  while (running > 1);
  const double cpu_before = cpu(init);
  const double before = now();
  kill(init, SIGCONT);
  for (char list[64]; read_proc("/proc/%d/task/%d/children", init, list, sizeof(list)) > 16;) usleep(50);
  const double after = now();
  wait_until_asleep(init);
  printf("%f %f\n", (after - before) / 1e3, cpu(init) - cpu_before);
  kill(init, SIGKILL);
  return waitpid(init, NULL, 0) == init ? 0 : 1;
}

int main(int argc, char **argv) {
  if (argc > 3 && strcmp(argv[1], "starts") == 0) return starts(atoi(argv[2]), argv + 3);
  if (argc > 3 && strcmp(argv[1], "forward") == 0) return forward(atoi(argv[2]), argv + 3);
  if (argc > 1 && strcmp(argv[1], "hear") == 0) return hear();
  if (argc > 2 && strcmp(argv[1], "drain") == 0) return drain(argv + 2);
  if (argc > 2 && strcmp(argv[1], "pile") == 0) return pile(atoi(argv[2]));
  return 2;
}
