#ifndef SIGKIT_INIT_OPTIONS_H_
#define SIGKIT_INIT_OPTIONS_H_

#include <array>
#include <cstdint>

#include "posix/clock.h"
#include "posix/signal_set.h"

namespace sigkit::init {

inline constexpr int kSameCode = -1;

struct Options {
  bool group = false;
  bool session = false;
  bool subreaper = false;
  bool drain = false;
  bool warn_reaped = false;
  bool verbose = false;
  bool keep_variables = false;
  int parent_death_signal = 0;                 // 0: none
  std::array<int, 256> codes;                  // what an exit code becomes
  std::array<int, kSignalCount + 1> rewrites;  // what a signal becomes; 0: nothing
  Time grace = kNever;                         // nanoseconds, like the two below
  Time delay = 0;
  Time hold = 0;
  char* const* command = nullptr;

  Options();
  // What a signal becomes; 0: nothing.
  int Rewritten(int signo) const { return rewrites[static_cast<size_t>(signo)]; }
};

enum class Parsed { kRun, kDone, kBad };

// From the environment first, then from the command line, which beats it. kDone: help or version has been printed;
// kBad: what is wrong and the usage have been.
Parsed ParseOptions(char* const* arguments, Options* options);

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_OPTIONS_H_
