#include "init/environment.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace sigkit::init {
namespace {

constexpr std::array<const char*, kSpokenVariables> kNames = {"SIGKIT_INIT_HOLD_FD", "SIGKIT_INIT_HOLD_INODE",
                                                              "SIGKIT_INIT_ORIGINAL"};

}  // namespace

Array<char*> MakeEnvironment(const SpokenVariables& spoken) {
  ForgetSpoken();
  size_t count = 0;
  while (environ[count] != nullptr) ++count;
  Array<char*> made = MakeArray<char*>(count + spoken.size() + 1);
  if (made == nullptr) return made;
  std::copy_n(environ, count, made.get());
  std::copy(spoken.begin(), spoken.end(), made.get() + count);
  return made;
}

void ForgetSpoken() {
  for (const char* const name : kNames) unsetenv(name);
}

}  // namespace sigkit::init
