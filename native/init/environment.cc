#include "init/environment.h"

#include <unistd.h>

#include <algorithm>
#include <string_view>

namespace sigkit::init {
namespace {

constexpr std::array<std::string_view, kSpokenVariables> kNames = {
    "SIGKIT_INIT_HOLD_FD=", "SIGKIT_INIT_HOLD_INODE=", "SIGKIT_INIT_ORIGINAL="};

bool IsSpoken(std::string_view variable) {
  return std::any_of(kNames.begin(), kNames.end(),
                     [variable](std::string_view name) { return variable.starts_with(name); });
}

}  // namespace

Array<char*> MakeEnvironment(const SpokenVariables& spoken) {
  size_t count = 0;
  while (environ[count] != nullptr) ++count;
  Array<char*> made = MakeArray<char*>(count + spoken.size() + 1);
  if (made == nullptr) return made;
  size_t at = 0;
  for (size_t index = 0; index < count; ++index) {
    if (!IsSpoken(environ[index])) made[at++] = environ[index];
  }
  for (char* const variable : spoken) {
    if (variable != nullptr) made[at++] = variable;
  }
  return made;
}

}  // namespace sigkit::init
