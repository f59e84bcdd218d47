#include "posix/notify_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace sigkit {
namespace {

// SCM_MAX_FD of the kernel; lib/systemd/notify.ts has the same number.
constexpr size_t kMaxDescriptors = 253;

// What goes beside a message (cmsg(3)).
class Ancillary {
 public:
  explicit Ancillary(msghdr* message) : message_(message) {
    message_->msg_control = buffer_.data();
    message_->msg_controllen = 0;
  }

  void Add(int type, const void* data, size_t bytes) {
    auto* header = reinterpret_cast<cmsghdr*>(buffer_.data() + message_->msg_controllen);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(bytes);
    memcpy(CMSG_DATA(header), data, bytes);
    message_->msg_controllen += CMSG_SPACE(bytes);
  }

 private:
  msghdr* const message_;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred)) + CMSG_SPACE(sizeof(int) * kMaxDescriptors)> buffer_ = {};
};

}  // namespace

int NotifySocket::Open() {
  const std::scoped_lock locking(lock_);
  return OpenLocked();
}

int NotifySocket::OpenLocked() {
  if (socket_.IsStillOurs()) return 0;
  UniqueFd opened(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (opened.get() < 0) return -errno;
  socket_.Reset(std::move(opened));
  Connect();
  return 0;
}

int NotifySocket::Connect() const {
  sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = {}};
  if (address_.size() >= sizeof(to.sun_path)) return -ENAMETOOLONG;
  memcpy(to.sun_path, address_.data(), address_.size());
  const bool abstract = address_.starts_with('@');
  if (abstract) to.sun_path[0] = '\0';
  // The name of an abstract socket is all that the length covers, a path ends with a null.
  const size_t length = offsetof(sockaddr_un, sun_path) + address_.size() + (abstract ? 0 : 1);
  const auto* address = reinterpret_cast<const sockaddr*>(&to);
  return connect(socket_.get(), address, static_cast<socklen_t>(length)) == 0 ? 0 : -errno;
}

int NotifySocket::SendOnce(std::string_view message, const std::vector<int>& descriptors) const {
  if (descriptors.size() > kMaxDescriptors) return -EINVAL;
  iovec text = {.iov_base = const_cast<char*>(message.data()), .iov_len = message.size()};
  msghdr header = {};
  header.msg_iov = &text;
  header.msg_iovlen = 1;
  Ancillary ancillary(&header);
  if (pid_ != 0) {
    const ucred credentials = {.pid = pid_, .uid = getuid(), .gid = getgid()};
    ancillary.Add(SCM_CREDENTIALS, &credentials, sizeof(credentials));
  }
  if (!descriptors.empty()) ancillary.Add(SCM_RIGHTS, descriptors.data(), descriptors.size() * sizeof(int));
  return sendmsg(socket_.get(), &header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 ? 0 : -errno;
}

int NotifySocket::Send(std::string_view message, const std::vector<int>& descriptors) {
  const std::scoped_lock locking(lock_);
  const int opened = OpenLocked();
  if (opened < 0) return opened;
  const int error = SendOnce(message, descriptors);
  if (error != -ECONNREFUSED && error != -ENOTCONN) return error;
  // The manager's socket was not there yet, or is a new one.
  const int connected = Connect();
  return connected < 0 ? connected : SendOnce(message, descriptors);
}

int NotifySocket::SendBarrier(UniqueFd* released) {
  std::array<int, 2> ends;
  if (pipe2(ends.data(), O_CLOEXEC) == -1) return -errno;
  UniqueFd reading(ends[0]);
  const UniqueFd writing(ends[1]);
  const int error = Send("BARRIER=1", {writing.get()});
  if (error == 0) *released = std::move(reading);
  return error;
}

}  // namespace sigkit
