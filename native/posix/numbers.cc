#include "posix/numbers.h"

#include <algorithm>

#include "posix/clock.h"

namespace sigkit {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool AreDigits(std::string_view text) { return std::all_of(text.begin(), text.end(), IsDigit); }

}  // namespace

bool ParseNumber(std::string_view text, int highest, int* number) {
  if (text.empty() || !AreDigits(text)) return false;
  int64_t value = 0;
  for (const char c : text) {
    value = value * 10 + (c - '0');
    if (value > highest) return false;
  }
  *number = static_cast<int>(value);
  return true;
}

bool ParseSeconds(std::string_view text, int64_t* nanoseconds) {
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view decimals = text.substr(std::min(point + 1, text.size()));
  int whole = 0;
  if (!ParseNumber(text.substr(0, point), kSecond, &whole) || !AreDigits(decimals)) return false;
  if (point < text.size() && decimals.empty()) return false;
  int64_t fraction = 0;
  int64_t unit = kSecond / 10;
  for (const char c : decimals) {
    fraction += (c - '0') * unit;
    unit /= 10;
  }
  *nanoseconds = whole * kSecond + fraction;
  return true;
}

bool ParseFlag(std::string_view text, bool* flag) {
  *flag = text == "1" || text == "true" || text == "yes";
  return *flag || text == "0" || text == "false" || text == "no";
}

}  // namespace sigkit
