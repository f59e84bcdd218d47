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
  char letter;  // 0: none
  std::string_view name;
  const char* variable;  // in the environment; null: none
  Argument argument;
  std::string_view wants;
  bool (*apply)(std::string_view value, Options* options);
};

std::span<const OptionRule> OptionRules();

}  // namespace sigkit::init

#endif  // SIGKIT_INIT_OPTION_RULES_H_
