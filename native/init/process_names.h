#ifndef SIGKIT_INIT_PROCESS_NAMES_H_
#define SIGKIT_INIT_PROCESS_NAMES_H_

#include <array>
#include <cstddef>

namespace sigkit::init {

// The variables by which a service manager names the process that it has started, so that no other one takes what they
// speak of: LISTEN_PID and LISTEN_PIDFDID (sd_listen_fds(3)), WATCHDOG_PID (sd_watchdog_enabled(3)), SYSTEMD_EXEC_PID
// (systemd.exec(5)). Where they name init, they are to name its child.
class ProcessNames {
 public:
  static constexpr size_t kCount = 4;

  // Which of them name this process. Those of somebody else are left alone.
  void Find();
  // Whether this entry of the environment is one of those.
  bool Replaces(const char* entry) const;

  // From within the child; async-signal-safe. Adds them from `to` on, with the null at the end: there must be room for
  // all. An id that the kernel does not tell is left out, as from a manager on such a kernel.
  void AddAbout(char** to);

 private:
  struct Name {
    bool is_ours = false;
    std::array<char, 48> entry = {};
  };
  std::array<Name, kCount> names_ = {};
};

// Whether a service manager has started this process itself, and may send signals to all that belongs to it.
bool IsStartedByManager();

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_PROCESS_NAMES_H_
