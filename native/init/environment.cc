#include "init/environment.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace sigkit::init {
namespace {

constexpr std::string_view kPrefix = "SIGKIT_INIT_";
constexpr std::array<const char*, kSpokenVariables> kNames = {"SIGKIT_INIT_HOLD_FD", "SIGKIT_INIT_HOLD_INODE",
                                                              "SIGKIT_INIT_ORIGINAL"};

// An outer init's word, which may be for somebody below this one, is no option.
bool IsOption(std::string_view entry) {
  if (!entry.starts_with(kPrefix)) return false;
  const std::string_view name = entry.substr(0, entry.find('='));
  for (const char* const spoken : kNames) {
    if (name == spoken) return false;
  }
  return true;
}

}  // namespace

void ForgetSpoken() {
  for (const char* const name : kNames) unsetenv(name);
}

bool ChildEnvironment::Make(bool keep_options, const SpokenVariables* spoken) {
  if (spoken != nullptr) ForgetSpoken();
  names_.Find();
  size_t room = kSpokenVariables + ProcessNames::kCount + 1;
  for (char** entry = environ; *entry != nullptr; ++entry) ++room;
  list_ = MakeArray<char*>(room);
  if (list_ == nullptr) return false;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (names_.Replaces(*entry) || (!keep_options && IsOption(*entry))) continue;
    list_[count_++] = *entry;
  }
  if (spoken == nullptr) return true;
  for (char* const entry : *spoken) list_[count_++] = entry;
  return true;
}

}  // namespace sigkit::init
