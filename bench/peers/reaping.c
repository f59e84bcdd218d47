// reaping COUNT AT_ONCE: the child of a PID 1 of a namespace with a /proc of its own. Makes COUNT orphans, of which no more
// than AT_ONCE stand in the list of PID 1 at a time, reaped or not yet. Prints the microseconds from the first fork to the
// last reaping, the CPU of PID 1 meanwhile in microseconds, and how many were left in the end.
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { kBatch = 250 };

// All threads: those of Node work too.
static double cpu_of_init(void) {
  double all = 0;
  DIR *tasks = opendir("/proc/1/task");
  check(tasks != NULL, "/proc/1/task");
  for (struct dirent *task; (task = readdir(tasks)) != NULL;) {
    char path[320];
    char text[128];
    if (task->d_name[0] == '.') continue;
    snprintf(path, sizeof(path), "/proc/1/task/%s/schedstat", task->d_name);
    read_file(path, text, sizeof(text));
    all += strtod(text, NULL) / 1e3;
  }
  closedir(tasks);
  return all;
}

// The children of PID 1's main thread, which adopts; without this process.
static int standing(void) {
  static char text[1 << 20];
  const long length = read_file("/proc/1/task/1/children", text, sizeof(text));
  int count = -1;
  for (long index = 0; index < length; ++index) count += text[index] == ' ';
  return count;
}

// How many are left.
static int wait_for(int limit) {
  const double deadline = now() + 20e6;
  int left;
  while ((left = standing()) > limit && now() < deadline) usleep(200);
  return left;
}

// They end when their parent does.
static void make_orphans(int count) {
  int ends[2];
  char byte;
  check(pipe(ends) == 0, "pipe");
  const pid_t between = fork();
  check(between != -1, "fork");
  if (between == 0) {
    for (int made = 0; made < count; ++made) {
      const pid_t orphan = fork();
      check(orphan != -1, "fork");
      if (orphan != 0) continue;
      close(ends[1]);
      _exit(read(ends[0], &byte, 1) == 0 ? 0 : 1);
    }
    _exit(0);
  }
  close(ends[0]);
  close(ends[1]);
  check(waitpid(between, NULL, 0) == between, "waitpid");
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  const int count = atoi(argv[1]);
  const int at_once = atoi(argv[2]);
  const double cpu_before = cpu_of_init();
  const double before = now();
  for (int made = 0; made < count; made += kBatch) {
    const int batch = count - made < kBatch ? count - made : kBatch;
    check(wait_for(at_once - batch) <= at_once - batch, "room for more");
    make_orphans(batch);
  }
  const int left = wait_for(0);
  printf("%f %f %d\n", now() - before, cpu_of_init() - cpu_before, left);
  return 0;
}
