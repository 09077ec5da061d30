#include "program/value_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
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
constexpr const char* duration_hint = "seconds, or a number with ms, s, m or h, like 5, 0.5, 500ms or 2m";

bool is_same_ignoring_case(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

parsed<std::chrono::milliseconds> duration_from_text(std::string_view text) {
  const std::size_t end_of_number = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string_view number = text.substr(0, end_of_number);
  const std::string_view suffix = end_of_number == text.size() ? "s" : text.substr(end_of_number);
  const auto* found = std::ranges::find(units, suffix, &unit::name);
  double count = 0;
  const auto [end, fault] =
      std::from_chars(number.data(), number.data() + number.size(), count, std::chars_format::fixed);
  const bool is_number = fault != std::errc::invalid_argument && end == number.data() + number.size();
  if (found == units.end() || number.empty() || !is_number) return value_fault{"not a duration", duration_hint};

  const double milliseconds = count * static_cast<double>(found->length.count());
  if (fault != std::errc() || milliseconds > static_cast<double>(longest.count()))
    return value_fault{"too long", "at most 24h"};
  const std::chrono::milliseconds rounded(std::llround(milliseconds));
  if (rounded == 0ms) return value_fault{"no time at all", duration_hint};
  return rounded;
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
    if (is_same_ignoring_case(choice, text)) return index;
    rest.remove_prefix(std::min(end + 1, rest.size()));
    list += index == 0 ? "" : rest.empty() ? " or " : ", ";
    list += choice;
  }
  return value_fault{"no such choice", list};
}

}  // namespace sdconnect::cli
