#include "init/options.h"

#include <unistd.h>

#include <array>
#include <numeric>
#include <optional>
#include <string_view>

#include "init/environment.h"
#include "init/option_rules.h"
#include "init/report.h"
#include "init/usage.h"
#include "posix/numbers.h"

namespace sigkit::init {
namespace {

constexpr std::string_view kOn = "true";

bool Bad(const char* what, std::string_view which) {
  Report("%s: %.*s", what, static_cast<int>(which.size()), which.data());
  return false;
}

bool BadValue(std::string_view name, const OptionRule& rule, std::string_view value) {
  Report("%.*s wants %.*s, not '%.*s'", static_cast<int>(name.size()), name.data(), static_cast<int>(rule.wants.size()),
         rule.wants.data(), static_cast<int>(value.size()), value.data());
  return false;
}

bool IsOn(const char* variable) {
  const char* const value = Spoken(variable);
  bool on = false;
  return value != nullptr && ParseFlag(value, &on) && on;
}

// As the first word it is answered whatever the environment says.
bool AsksForHelp(char* const* arguments) {
  const std::string_view first = arguments[0] == nullptr ? "" : arguments[0];
  return first == "--help" || first == "-h" || first == "--version";
}

bool ApplyEnvironment(Options* options) {
  for (const OptionRule& rule : OptionRules()) {
    const char* const value = Spoken(rule.variable);
    // Compose files know no other way to unset one.
    if (value == nullptr || *value == '\0') continue;
    if (!rule.apply(value, options)) return BadValue(rule.variable, rule, value);
  }
  // Nothing says which of the two came last.
  if (IsOn("SIGKIT_INIT_GROUP") && IsOn("SIGKIT_INIT_SINGLE_CHILD"))
    return Bad("both are on", "SIGKIT_INIT_GROUP and SIGKIT_INIT_SINGLE_CHILD");
  return true;
}

const OptionRule* FindByName(std::string_view name) {
  for (const OptionRule& rule : OptionRules()) {
    if (rule.name == name) return &rule;
  }
  return nullptr;
}

const OptionRule* FindByLetter(char letter) {
  for (const OptionRule& rule : OptionRules()) {
    if (rule.letter == letter) return &rule;
  }
  return nullptr;
}

// The words before the command. Each step takes one option, with its value.
class CommandLine {
 public:
  CommandLine(char* const* words, Options* options) : words_(words), options_(options) {}

  Parsed Parse() {
    for (; *words_ != nullptr; ++words_) {
      const std::string_view word = *words_;
      if (word == "--") {
        ++words_;
        break;
      }
      if (word.size() < 2 || word[0] != '-') break;
      if (word == "--help" || word == "-h") return PrintUsage(STDOUT_FILENO), Parsed::kDone;
      if (word == "--version") return PrintVersion(STDOUT_FILENO), Parsed::kDone;
      if (!(word[1] == '-' ? TakeLong(word) : TakeLetters(word))) return Parsed::kBad;
    }
    options_->command = words_;
    if (*words_ != nullptr) return Parsed::kRun;
    Report("no command");
    return Parsed::kBad;
  }

 private:
  std::optional<std::string_view> NextWord() {
    if (words_[1] == nullptr) return std::nullopt;
    return *++words_;
  }

  bool Apply(std::string_view name, const OptionRule& rule, std::optional<std::string_view> value) {
    if (!value.has_value() && rule.argument == Argument::kNeeded) {
      value = NextWord();
      if (!value.has_value()) return Bad("a value is missing", name);
    }
    return rule.apply(value.value_or(kOn), options_) || BadValue(name, rule, value.value_or(kOn));
  }

  bool TakeLong(std::string_view word) {
    const size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    const OptionRule* const rule = FindByName(name.substr(2));
    if (rule == nullptr) return Bad("unknown option", name);
    if (equals == std::string_view::npos) return Apply(name, *rule, std::nullopt);
    if (rule->argument == Argument::kNone) return Bad("takes no value", name);
    return Apply(name, *rule, word.substr(equals + 1));
  }

  // -gv, -t5, -t 5.
  bool TakeLetters(std::string_view word) {
    for (size_t at = 1; at < word.size(); ++at) {
      const std::array<char, 2> dashed = {'-', word[at]};
      const std::string_view name(dashed.data(), dashed.size());
      const OptionRule* const rule = FindByLetter(word[at]);
      if (rule == nullptr) return Bad("unknown option", name);
      const std::string_view rest = word.substr(at + 1);
      if (rule->argument == Argument::kNone) {
        if (!Apply(name, *rule, std::nullopt)) return false;
        continue;
      }
      return Apply(name, *rule, rest.empty() ? std::nullopt : std::optional(rest));
    }
    return true;
  }

  char* const* words_;
  Options* const options_;
};

}  // namespace

Options::Options() : codes(), rewrites() {
  codes.fill(kSameCode);
  std::iota(rewrites.begin(), rewrites.end(), 0);
}

Parsed ParseOptions(char* const* arguments, Options* options) {
  Parsed parsed = Parsed::kBad;
  if (AsksForHelp(arguments) || ApplyEnvironment(options)) parsed = CommandLine(arguments, options).Parse();
  if (parsed == Parsed::kBad) PrintUsage(STDERR_FILENO);
  return parsed;
}

}  // namespace sigkit::init
