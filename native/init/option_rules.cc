#include "init/option_rules.h"

#include <signal.h>

#include <algorithm>

#include "init/signal_kinds.h"
#include "posix/numbers.h"
#include "posix/signal_names.h"

namespace sigkit::init {
namespace {

constexpr int kHighestCode = 255;
constexpr Time kUsualHold = 10 * kSecond;

// Calls take(part) for each part between commas, until one is bad.
template <typename Take>
bool ForEachPart(std::string_view list, Take take) {
  while (true) {
    const size_t comma = std::min(list.find(','), list.size());
    if (!take(list.substr(0, comma))) return false;
    if (comma == list.size()) return true;
    list.remove_prefix(comma + 1);
  }
}

bool Remap(std::string_view part, Options* options) {
  const size_t equals = std::min(part.find('='), part.size());
  int code = 0;
  int target = 0;
  if (!ParseNumber(part.substr(0, equals), kHighestCode, &code)) return false;
  if (equals < part.size() && !ParseNumber(part.substr(equals + 1), kHighestCode, &target)) return false;
  options->codes[static_cast<size_t>(code)] = target;
  return true;
}

bool Rewrite(std::string_view part, Options* options) {
  const size_t colon = part.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view target = part.substr(colon + 1);
  const int from = SignalNumber(part.substr(0, colon), kRtmin);
  const int to = SignalNumber(target, kRtmin);
  if (from == 0 || from == SIGKILL || from == SIGSTOP || (to == 0 && target != "0")) return false;
  options->rewrites[static_cast<size_t>(from)] = to;
  return true;
}

bool Hold(std::string_view value, Options* options) {
  bool on = false;
  // A digit is a number of seconds here.
  if (value.size() == 1 || !ParseFlag(value, &on)) return ParseSeconds(value, &options->hold);
  options->hold = on ? kUsualHold : 0;
  return true;
}

bool SingleChild(std::string_view value, Options* options) {
  bool single = false;
  if (!ParseFlag(value, &single)) return false;
  if (single) options->group = false;
  return true;
}

bool ParentDeathSignal(std::string_view value, Options* options) {
  options->parent_death_signal = SignalNumber(value, kRtmin);
  return options->parent_death_signal != 0;
}

template <bool Options::*member>
bool Flag(std::string_view value, Options* options) {
  return ParseFlag(value, &(options->*member));
}

template <Time Options::*member>
bool Seconds(std::string_view value, Options* options) {
  return ParseSeconds(value, &(options->*member));
}

bool Remaps(std::string_view list, Options* options) {
  return ForEachPart(list, [options](std::string_view part) { return Remap(part, options); });
}

bool Rewrites(std::string_view list, Options* options) {
  return ForEachPart(list, [options](std::string_view part) { return Rewrite(part, options); });
}

constexpr OptionRule FlagRule(char letter, std::string_view name, const char* variable,
                              bool (*apply)(std::string_view, Options*)) {
  return {name, "1, true, yes, 0, false or no", variable, apply, Argument::kNone, letter};
}

constexpr std::string_view kSeconds = "a number of seconds";
constexpr std::string_view kCodes = "CODE or CODE=TO, each 0 to 255";
constexpr std::string_view kSignals = "FROM:TO, two signals, or 0 for TO";

constexpr OptionRule kRules[] = {
    FlagRule('g', "group", "SIGKIT_INIT_GROUP", Flag<&Options::group>),
    FlagRule('c', "single-child", "SIGKIT_INIT_SINGLE_CHILD", SingleChild),
    FlagRule('S', "session", "SIGKIT_INIT_SESSION", Flag<&Options::session>),
    FlagRule('s', "subreaper", "SIGKIT_INIT_SUBREAPER", Flag<&Options::subreaper>),
    {"pdeathsig", "a signal", "SIGKIT_INIT_PDEATHSIG", ParentDeathSignal, Argument::kNeeded, 'p'},
    {"remap", kCodes, "SIGKIT_INIT_REMAP", Remaps, Argument::kNeeded, 'e'},
    {"rewrite", kSignals, "SIGKIT_INIT_REWRITE", Rewrites, Argument::kNeeded, 'r'},
    {"grace", kSeconds, "SIGKIT_INIT_GRACE", Seconds<&Options::grace>, Argument::kNeeded, 't'},
    FlagRule(0, "drain", "SIGKIT_INIT_DRAIN", Flag<&Options::drain>),
    {"delay", kSeconds, "SIGKIT_INIT_DELAY", Seconds<&Options::delay>, Argument::kNeeded, 0},
    FlagRule('w', "warn-reaped", "SIGKIT_INIT_WARN_REAPED", Flag<&Options::warn_reaped>),
    FlagRule('v', "verbose", "SIGKIT_INIT_VERBOSE", Flag<&Options::verbose>),
    FlagRule(0, "keep-variables", "SIGKIT_INIT_KEEP_VARIABLES", Flag<&Options::keep_variables>),
    {"hold", kSeconds, "SIGKIT_INIT_HOLD", Hold, Argument::kOptional, 0},
};

}  // namespace

std::span<const OptionRule> OptionRules() { return kRules; }

}  // namespace sigkit::init
