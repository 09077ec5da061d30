#include "program/value_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

namespace sdconnect::cli {
namespace {

using namespace std::chrono_literals;

struct unit {
  std::string_view name;
  std::chrono::milliseconds length;
};

constexpr std::array<unit, 4> units{{{"ms", 1ms}, {"s", 1s}, {"m", 1min}, {"h", 1h}}};
// A longer duration is a typing error. 24 h is also far below the range of any clock.
constexpr std::chrono::milliseconds longest = 24h;
constexpr const char* duration_hint = "a number with ms, s, m or h, like 5s or 500ms";

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

}  // namespace

parsed<std::chrono::milliseconds> duration_from_text(std::string_view text) {
  const auto end_of_digits = std::ranges::find_if_not(text, is_digit);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end_of_digits - text.begin()));
  const std::string_view suffix = text.substr(digits.size());
  if (digits.empty()) return value_fault{"not a duration", duration_hint};
  if (suffix.empty())
    return value_fault{"no unit", fmt::format("{}s or {}ms?", digits.substr(0, 20), digits.substr(0, 20))};
  const auto* found = std::ranges::find(units, suffix, &unit::name);
  if (found == units.end()) return value_fault{"not a duration", duration_hint};

  std::uint64_t count = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  const auto most = static_cast<std::uint64_t>(longest / found->length);
  if (fault != std::errc() || count > most) return value_fault{"too long", "at most 24h"};
  if (count == 0) return value_fault{"no time at all", duration_hint};
  return found->length * static_cast<std::int64_t>(count);
}

parsed<std::uint64_t> number_from_text(std::string_view text, std::uint64_t least, std::uint64_t most) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, number);
  const std::string range = fmt::format("a number from {} to {}", least, most);
  // from_chars accepts no sign for an unsigned type and no blanks.
  if (text.empty() || stop != end || fault == std::errc::invalid_argument) return value_fault{"not a number", range};
  if (fault != std::errc() || number < least || number > most) return value_fault{"out of range", range};
  return number;
}

parsed<std::size_t> choice_from_text(std::string_view text, std::string_view choices) {
  std::string list;
  std::size_t index = 0;
  for (std::string_view rest = choices; !rest.empty(); ++index) {
    const std::size_t end = std::min(rest.find('|'), rest.size());
    const std::string_view choice = rest.substr(0, end);
    if (choice == text) return index;
    rest.remove_prefix(std::min(end + 1, rest.size()));
    list += index == 0 ? "" : rest.empty() ? " or " : ", ";
    list += choice;
  }
  return value_fault{"no such choice", list};
}

}  // namespace sdconnect::cli
