#include "sd-connect/options/http_values.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sdconnect::cli {
namespace {

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

parsed<std::string> header_from_text(std::string_view text) {
  const value_fault fault{"not a header field", "'Name: value' on one line"};
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return fault;
  const std::string_view name = text.substr(0, colon);
  const std::string_view value = without_blanks(text.substr(colon + 1));
  if (!std::ranges::all_of(name, is_token_character)) return fault;
  // CR, LF and NUL could split one field into two (RFC 9110 §5.5).
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
