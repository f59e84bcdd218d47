#ifndef SIGKIT_POSIX_NOTIFY_SOCKET_H_
#define SIGKIT_POSIX_NOTIFY_SOCKET_H_

#include <sys/types.h>

#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "posix/owned_fd.h"
#include "posix/unique_fd.h"

namespace sigkit {

// The way to a service manager: datagrams as sd_notify(3) has them. Nothing here waits for a manager, and any thread
// may send. Where somebody has closed the socket, another one is opened, and whoever has its number by now gets
// nothing. Each call returns 0 or a negative errno.
class NotifySocket {
 public:
  // To a path, or '@' and the name of an abstract socket (unix(7)). As this process, of which the kernel tells the
  // manager, if `pid` is 0; else with the credentials of another one: CAP_SYS_ADMIN.
  NotifySocket(std::string address, pid_t pid) : address_(std::move(address)), pid_(pid) {}

  // That nobody listens yet is not an error: each message that finds nobody tries to connect again.
  int Open();
  // The descriptors are copied.
  int Send(std::string_view message, const std::vector<int>& descriptors);
  // `released` can be read, to its end, once the manager has looked at all that was sent before.
  int SendBarrier(UniqueFd* released);

 private:
  int OpenLocked();
  int Connect() const;
  int SendOnce(std::string_view message, const std::vector<int>& descriptors) const;

  const std::string address_;
  const pid_t pid_;
  std::mutex lock_;
  OwnedFd socket_;
};

}  // namespace sigkit

#endif  // SIGKIT_POSIX_NOTIFY_SOCKET_H_
