#ifndef SIGKIT_ADDON_PROCESS_TABLE_H_
#define SIGKIT_ADDON_PROCESS_TABLE_H_

#include <sys/stat.h>
#include <uv.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "hub/exit_watch.h"
#include "posix/birth.h"
#include "posix/owned_fd.h"

namespace sigkit {

// What one environment holds of processes: their pidfds, by which it learns of their exits, and who its children are.
// All of it is given back when the environment ends, at whatever moment.
class ProcessTable : public ExitListener {
 public:
  ProcessTable() = default;
  ~ProcessTable() override;
  ProcessTable(const ProcessTable&) = delete;
  ProcessTable& operator=(const ProcessTable&) = delete;

  // Both return 0 or a negative errno. `on_ready` runs in the loop when TakeReady has something.
  int Open(uv_loop_t* loop, uv_async_cb on_ready, void* data);
  int Watch(int id);
  // Ids of pidfds whose processes have exited; with kLost, of those that somebody has closed.
  static constexpr uint32_t kLost = 0x80000000;
  size_t TakeReady(uint32_t* into, size_t limit);
  void OnExit(uint32_t id, bool is_lost) override;

  // JavaScript knows a pidfd by an id: a number that somebody has closed can come back as that of another one. Negative
  // if there is none.
  int Hold(UniqueFd pidfd);
  void Drop(int id);
  // -1: there is none, or somebody has closed it.
  int Descriptor(int id) const;
  // `birth`: of one that may still fail to execute its program.
  void AddChild(pid_t pid, int id, std::shared_ptr<Birth> birth);
  void RemoveChild(pid_t pid) { children_.erase(pid); }
  BirthError ErrorOfBirth(pid_t pid) const;
  // The exit watch reaps it instead.
  void GiveUpChild(pid_t pid);

  // Between its creation and the making of a stream, a descriptor belongs to nobody in JavaScript.
  void Lend(int fd);
  void Settle(int fd) { lent_.erase(fd); }

  // Null before Open.
  uv_handle_t* handle() { return open_ ? reinterpret_cast<uv_handle_t*>(&wake_) : nullptr; }
  // Before handle() is closed: children go to the exit watch, all else is closed.
  void Abandon();

 private:
  struct Child {
    int id;  // of its pidfd
    std::shared_ptr<Birth> birth;
  };
  OwnedFd TakeOut(int id);

  bool open_ = false;
  uv_async_t wake_ = {};
  int ids_ = 0;
  std::unordered_map<int, OwnedFd> pidfds_;
  std::unordered_map<pid_t, Child> children_;
  std::unordered_map<int, struct stat> lent_;

  std::mutex lock_;
  std::vector<uint32_t> ready_;
};

}  // namespace sigkit

#endif  // SIGKIT_ADDON_PROCESS_TABLE_H_
