#include "init/teller.h"

#include <sys/socket.h>

#include <cerrno>

namespace sigkit::init {
namespace {

double Microseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
}

}  // namespace

Message::Message(Told told, pid_t about, int number, int errno_of)
    : kind(static_cast<double>(told)), pid(about), status(number), error(errno_of) {}

void Message::SetUsage(const rusage& used) {
  usage = {
      Microseconds(used.ru_utime),          Microseconds(used.ru_stime),         static_cast<double>(used.ru_maxrss),
      static_cast<double>(used.ru_minflt),  static_cast<double>(used.ru_majflt), static_cast<double>(used.ru_inblock),
      static_cast<double>(used.ru_oublock), static_cast<double>(used.ru_nvcsw),  static_cast<double>(used.ru_nivcsw)};
}

void Teller::Tell(const Message& message) const {
  const auto* at = reinterpret_cast<const char*>(&message);
  const auto* const end = at + sizeof(message);
  while (at < end) {
    const ssize_t sent = send(control_, at, static_cast<size_t>(end - at), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR) return;
    if (sent > 0) at += sent;
  }
}

// One so small is sent as a whole or not at all (unix(7)).
bool Teller::TellNow(const Message& message) const {
  const ssize_t sent = send(control_, &message, sizeof(message), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent >= 0 || errno != EAGAIN;
}

}  // namespace sigkit::init
