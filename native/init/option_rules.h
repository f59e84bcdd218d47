#ifndef SIGKIT_INIT_OPTION_RULES_H_
#define SIGKIT_INIT_OPTION_RULES_H_

#include <span>
#include <string_view>

#include "init/options.h"

namespace sigkit::init {

enum class Argument { kNone, kNeeded, kOptional };

// An option by all its names, and what its value does. `apply` is false for a bad value; that of an option without
// argument gets "true" from the command line, that of an optional one "true" where there is none.
struct OptionRule {
  std::string_view name;
  std::string_view wants;
  const char* variable;  // in the environment
  bool (*apply)(std::string_view value, Options* options);
  Argument argument;
  char letter;  // 0: none
};

std::span<const OptionRule> OptionRules();

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_OPTION_RULES_H_
