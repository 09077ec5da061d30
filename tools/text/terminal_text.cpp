#include "text/terminal_text.hpp"

#include "net/base/printable.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace sdconnect::cli {

namespace {

constexpr std::size_t longest_character = 4;  // octets in UTF-8, RFC 3629 §3

/// Number of octets that the first octet of a UTF-8 character announces; 1 if it cannot start one.
std::size_t announced_length(std::uint8_t first) {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}

/// Whether more octets could turn the start of `text` into something other than an escaped octet.
bool may_continue(std::string_view text) {
  if (text.front() == '\r') return text.size() < 2;
  return text.size() < announced_length(static_cast<std::uint8_t>(text.front()));
}

void append_escaped(std::string& out, char c) {
  const auto octet = static_cast<std::uint8_t>(c);
  const std::array<char, 4> digits{'\\', static_cast<char>('0' + octet / 100), static_cast<char>('0' + octet / 10 % 10),
                                   static_cast<char>('0' + octet % 10)};
  out.append(digits.data(), digits.size());
}

/// Removes one character from `text` and appends it to `out`.
void show_one(std::string& out, std::string_view& text) {
  if (text.starts_with("\r\n")) {
    text.remove_prefix(1);
  }
  const std::size_t length = detail::printable_length(text.substr(0, longest_character));
  if (length > 0) {
    out.append(text.substr(0, length));
    text.remove_prefix(length);
    return;
  }
  if (text.front() == '\n' || text.front() == '\t') {
    out.push_back(text.front());
  } else {
    append_escaped(out, text.front());
  }
  text.remove_prefix(1);
}

}  // namespace

std::string terminal_text::put(std::string_view octets) {
  held_back_.append(octets);
  std::string_view rest = held_back_;
  std::string shown;
  shown.reserve(rest.size());
  while (!rest.empty() && !may_continue(rest)) show_one(shown, rest);
  held_back_.erase(0, held_back_.size() - rest.size());
  return shown;
}

std::string terminal_text::finish() {
  std::string shown;
  std::string_view rest = held_back_;
  while (!rest.empty()) show_one(shown, rest);
  held_back_.clear();
  return shown;
}

}  // namespace sdconnect::cli
