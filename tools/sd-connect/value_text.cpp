#include "value_text.hpp"

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
// Longer is a typing error, and far from the end of any clock's range.
constexpr std::chrono::milliseconds longest = 24h;
constexpr const char* duration_hint = "a number with ms, s, m or h, like 5s or 500ms";

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_token_character(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

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
  // from_chars takes no sign for an unsigned type and no blanks.
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

parsed<std::string> header_from_text(std::string_view text) {
  const value_fault fault{"not a header field", "'Name: value' on one line"};
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return fault;
  const std::string_view name = text.substr(0, colon);
  const std::string_view value = without_blanks(text.substr(colon + 1));
  if (!std::ranges::all_of(name, is_token_character)) return fault;
  // CR, LF and NUL would let one field become two (RFC 9110 §5.5).
  if (std::ranges::any_of(value, [](char c) { return is_control(c) && c != '\t'; })) return fault;
  return fmt::format("{}: {}", name, value);
}

parsed<std::string> path_from_text(std::string_view text) {
  if (!text.starts_with('/')) return value_fault{"not a path", "it begins with '/'"};
  const auto is_unsuitable = [](char c) { return c <= 0x20 || c >= 0x7f || c == '#'; };
  if (std::ranges::any_of(text, is_unsuitable))
    return value_fault{"not a path", "write blanks, '#' and what is not ASCII as %XX"};
  return std::string(text);
}

parsed<std::vector<http_status_range>> statuses_from_text(std::string_view text) {
  const value_fault fault{"not HTTP statuses", "like 200, 200-299 or 200-299,404"};
  std::vector<http_status_range> ranges;
  for (bool has_more = true; has_more;) {
    const std::size_t comma = text.find(',');
    has_more = comma != std::string_view::npos;
    const std::string_view range = text.substr(0, comma);
    text.remove_prefix(std::min(range.size() + 1, text.size()));

    const std::size_t hyphen = range.find('-');
    const auto first = number_from_text(range.substr(0, hyphen), 100, 999);
    const auto last = hyphen == std::string_view::npos ? first : number_from_text(range.substr(hyphen + 1), 100, 999);
    if (!first || !last || *last < *first) return fault;
    ranges.push_back({static_cast<unsigned>(*first), static_cast<unsigned>(*last)});
  }
  return ranges;
}

}  // namespace sdconnect::cli
