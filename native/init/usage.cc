#include "init/usage.h"

#include <unistd.h>

#include <string_view>

namespace sigkit::init {
namespace {

constexpr std::string_view kUsage = R"(usage: sigkit-init [options] [--] command [arguments]
Runs the command as its child, forwards signals to it, reaps orphans, and ends as the command has ended.

  -g, --group            forward signals to the child's process group
  -c, --single-child     to the child only: the default
  -S, --session          start the child in a new session
  -s, --subreaper        adopt orphans without being PID 1
  -p, --pdeathsig SIG    get SIG when the parent dies
  -e, --remap CODE[=TO]  turn exit code CODE into TO, or 0
  -r, --rewrite FROM:TO  turn signal FROM into TO; 0 drops it
  -t, --grace SECONDS    after the first termination signal: then SIGKILL to all
      --drain            after the child's end: TERM, wait, KILL what is left
      --delay SECONDS    before forwarding a termination signal
  -w, --warn-reaped      say which orphans have been reaped
  -v, --verbose          say what is done
      --hold[=SECONDS]   hold signals until the child is armed, 10 s at most
      --keep-variables   leave the command what SIGKIT_INIT_* says to init
      --version          print the version
  -h, --help             print this

Each is a variable of the environment, too: --warn-reaped is SIGKIT_INIT_WARN_REAPED=1. Several values: by commas.
)";

constexpr std::string_view kVersion = "sigkit-init " SIGKIT_VERSION "\n";

void Print(int file, std::string_view text) {
  [[maybe_unused]] const ssize_t written = write(file, text.data(), text.size());
}

}  // namespace

void PrintUsage(int file) { Print(file, kUsage); }

void PrintVersion(int file) { Print(file, kVersion); }

}  // namespace sigkit::init
