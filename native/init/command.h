#ifndef SIGKIT_INIT_COMMAND_H_
#define SIGKIT_INIT_COMMAND_H_

#include <sys/types.h>

#include "init/delivery.h"
#include "init/hold.h"
#include "init/options.h"
#include "init/search_path.h"
#include "init/start_record.h"
#include "init/terminal.h"
#include "posix/unique_fd.h"

namespace sigkit::init {

// Exit codes of who could not start it, as shells have them.
inline constexpr int kCannotStart = 125;
inline constexpr int kNotExecutable = 126;
inline constexpr int kNotFound = 127;

struct Child {
  pid_t pid = 0;      // 0: it could not be started, as stderr says,
  int exit_code = 0;  // and init ends with this
  UniqueFd pidfd{};   // none where the kernel has none
};

class Command {
 public:
  explicit Command(const Options& options) : options_(options) {}

  // Starts it in a group or session of its own, with the signal state of `record`, in the foreground if init is. It may
  // be stopped before its program is executed.
  Child Start(StartRecord* record, const Terminal& terminal, Hold* hold);
  // Of one that has ended so, and never executed its program: what init ends with, as stderr says; else 0. It has not
  // been tried as a script for the shell.
  int ExitCodeOfNever() const;

 private:
  const Options& options_;
  Candidates candidates_;
  Delivery delivery_;
};

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_COMMAND_H_
