#include "dns/zone/zone_text.hpp"

#include <algorithm>

namespace sdconnect::detail {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";  // some editors write one

constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }

constexpr bool ends_token(char c) noexcept { return is_blank(c) || c == '\n' || c == ';' || c == '(' || c == ')'; }

}  // namespace

zone_text::zone_text(std::string_view text) : text_(text) {
  if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
}

// A quoted string is a separate token; quotes after other characters belong to the token of those
// characters, as in alpn="h2,h3".
std::string_view zone_text::take_token() {
  const std::size_t begin = at_;
  const bool is_quoted_string = text_[at_] == '"';
  bool in_quotes = false;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '\0') throw zone_fault{line_, "NUL octet"};
    if (!in_quotes && ends_token(c)) break;
    if (in_quotes && c == '\n') throw zone_fault{line_, "quotes not closed"};
    ++at_;
    if (c == '\\') {
      if (at_ == text_.size() || text_[at_] == '\n') throw zone_fault{line_, "backslash at the end of the line"};
      if (text_[at_] == '\0') throw zone_fault{line_, "NUL octet"};
      ++at_;
    }
    if (c != '"') continue;
    in_quotes = !in_quotes;
    if (!in_quotes && is_quoted_string) break;
  }
  if (in_quotes) throw zone_fault{line_, "quotes not closed"};
  return text_.substr(begin, at_ - begin);
}

std::optional<zone_line> zone_text::next() {
  zone_line line;
  int open = 0;  // parentheses
  int opened_on = 0;
  bool at_line_begin = true;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (at_line_begin && open == 0) line.begins_blank = is_blank(c);
    at_line_begin = false;
    if (c == '\n') {
      const bool is_complete = open == 0 && !line.tokens.empty();
      ++at_;
      ++line_;
      if (is_complete) return line;
      at_line_begin = true;
    } else if (is_blank(c)) {
      ++at_;
    } else if (c == ';') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (c == '(') {
      if (open++ == 0) opened_on = line_;
      ++at_;
    } else if (c == ')') {
      if (open-- == 0) throw zone_fault{line_, "closing parenthesis without an opening one"};
      ++at_;
    } else {
      if (line.tokens.empty()) line.number = line_;
      line.tokens.push_back(take_token());
    }
  }
  if (open > 0) throw zone_fault{opened_on, "parenthesis not closed"};
  if (line.tokens.empty()) return std::nullopt;
  return line;
}

}  // namespace sdconnect::detail
