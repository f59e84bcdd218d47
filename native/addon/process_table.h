#ifndef SIGKIT_ADDON_PROCESS_TABLE_H_
#define SIGKIT_ADDON_PROCESS_TABLE_H_

#include <sys/stat.h>
#include <uv.h>

#include <unordered_map>

#include "posix/unique_fd.h"

namespace sigkit {

// What one environment holds of processes: their pidfds, by which it learns of their exits, and who its children are.
// All of it is given back when the environment ends, at whatever moment.
class ProcessTable {
 public:
  ProcessTable() = default;
  ~ProcessTable();
  ProcessTable(const ProcessTable&) = delete;
  ProcessTable& operator=(const ProcessTable&) = delete;

  // Both return 0 or a negative errno. `on_ready` runs in the loop when TakeReady has something.
  int Open(uv_loop_t* loop, uv_poll_cb on_ready, void* data);
  int Watch(int pidfd);
  size_t TakeReady(uint32_t* into, size_t limit);

  int Hold(UniqueFd pidfd);
  void Drop(int pidfd);
  void AddChild(pid_t pid, int pidfd) { children_[pid] = pidfd; }
  void RemoveChild(pid_t pid) { children_.erase(pid); }
  // The spawner reaps it instead.
  void GiveUpChild(pid_t pid);

  // Between its creation and the making of a stream, a descriptor belongs to nobody in JavaScript.
  void Lend(int fd);
  void Settle(int fd) { lent_.erase(fd); }

  // Null before Open.
  uv_handle_t* handle() { return open_ ? reinterpret_cast<uv_handle_t*>(&poll_) : nullptr; }
  // Once handle() is being closed: children go to the spawner, all else is closed.
  void Abandon();

 private:
  bool open_ = false;
  uv_poll_t poll_ = {};
  UniqueFd events_;
  std::unordered_map<int, UniqueFd> pidfds_;
  std::unordered_map<pid_t, int> children_;
  std::unordered_map<int, struct stat> lent_;
};

}  // namespace sigkit

#endif  // SIGKIT_ADDON_PROCESS_TABLE_H_
