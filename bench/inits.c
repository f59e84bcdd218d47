// inits starts COUNT COMMAND...: microseconds from one start of the command to its end.
// inits drain COUNT COMMAND...: milliseconds in which a PID 1, the command, reaps COUNT zombies that have piled up while it was
// stopped, and its CPU for it. It needs the right to make a pid namespace.
// inits pile COUNT: the child of that PID 1.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { kGo = 100 };

static void check(int holds, const char *what) {
  if (holds) return;
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int starts(int count, char **command) {
  const double before = now();
  for (int done = 0; done < count; ++done) {
    pid_t pid;
    int status = -1;
    check(posix_spawnp(&pid, command[0], NULL, NULL, command, environ) == 0, command[0]);
    check(waitpid(pid, &status, 0) == pid && status == 0, "the command");
  }
  printf("%f\n", (now() - before) / count);
  return 0;
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

static long read_file(const char *format, pid_t pid, char *text, size_t size) {
  char path[64];
  snprintf(path, sizeof(path), format, pid, pid);
  const int file = open(path, O_RDONLY);
  check(file >= 0, path);
  long length = 0;
  for (long got; (got = read(file, text + length, size - (size_t)length - 1)) > 0;) length += got;
  text[length] = '\0';
  close(file);
  return length;
}

static double cpu(pid_t pid) {
  char text[128];
  read_file("/proc/%d/schedstat", pid, text, sizeof(text));
  return strtod(text, NULL) / 1e6;
}

// Children that run, and zombies, one pid after the other as the kernel lists them.
static void count(pid_t pid, int *running, int *zombies) {
  static char text[1 << 20];
  char state[512];
  *running = *zombies = 0;
  read_file("/proc/%d/task/%d/children", pid, text, sizeof(text));
  for (char *child = strtok(text, " "); child != NULL; child = strtok(NULL, " ")) {
    read_file("/proc/%d/stat", atoi(child), state, sizeof(state));
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
  for (char list[64]; read_file("/proc/%d/task/%d/children", init, list, sizeof(list)) > 16;) usleep(50);
  printf("%f %f\n", (now() - before) / 1e3, cpu(init) - cpu_before);
  kill(init, SIGKILL);
  return waitpid(init, NULL, 0) == init ? 0 : 1;
}

int main(int argc, char **argv) {
  if (argc > 3 && strcmp(argv[1], "starts") == 0) return starts(atoi(argv[2]), argv + 3);
  if (argc > 2 && strcmp(argv[1], "drain") == 0) return drain(argv + 2);
  if (argc > 2 && strcmp(argv[1], "pile") == 0) return pile(atoi(argv[2]));
  return 2;
}
