#ifndef SIGKIT_POSIX_THREAD_LIST_H_
#define SIGKIT_POSIX_THREAD_LIST_H_

#include <dirent.h>
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "posix/signal_set.h"

namespace sigkit {

// The threads of this process, from /proc/self/task. The folder stays open between listings: who has run out of
// descriptors must still be able to give back what it had claimed.
class ThreadLister {
 public:
  // Both return 0 or a negative errno.
  int Open();
  int List(std::vector<pid_t>* tids);
  void Close() { directory_.reset(); }

 private:
  struct CloseDirectory {
    void operator()(DIR* directory) const { closedir(directory); }
  };
  bool IsStillOurs() const;

  std::unique_ptr<DIR, CloseDirectory> directory_;
  ino_t inode_ = 0;
};

// One thread as /proc/self/task/TID/status shows it (proc(5)).
struct ThreadStatus {
  SignalSet blocked;
  uint64_t context_switches = 0;  // voluntary and not: unchanged means it has not run meanwhile
  char state = '?';
};

// Returns 0 or a negative errno: -ENOENT or -ESRCH when the thread is gone.
int ReadThreadStatus(pid_t tid, ThreadStatus* status);

// Field 22 of /proc/self/task/TID/stat: with the tid it names a thread for good. 0 when the thread is gone.
uint64_t ThreadStartTime(pid_t tid);

}  // namespace sigkit

#endif  // SIGKIT_POSIX_THREAD_LIST_H_
