#ifndef SIGKIT_POSIX_THREAD_LIST_H_
#define SIGKIT_POSIX_THREAD_LIST_H_

#include <sys/types.h>

#include <vector>

#include "posix/directory.h"

namespace sigkit {

// The threads of this process, from /proc/self/task. The folder stays open between listings: who has run out of
// descriptors must still be able to give back what it had claimed.
class ThreadLister {
 public:
  // Both return 0 or a negative errno; -EXDEV where /proc is another pid namespace's: its numbers mean other threads.
  int Open();
  int List(std::vector<pid_t>* tids);
  void Close() { directory_.reset(); }

 private:
  bool IsStillOurs() const;

  Directory directory_;
  ino_t inode_ = 0;
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_THREAD_LIST_H_
