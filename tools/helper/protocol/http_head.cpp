#include "helper/protocol/http_head.hpp"

#include "net/base/ascii.hpp"
#include "sdconnect/dns/name.hpp"

#include <algorithm>
#include <charconv>

namespace sdconnect::helper {
namespace {

constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_field_value(std::string_view value) noexcept {
  return std::ranges::none_of(value, [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return (octet < ' ' && c != '\t') || octet == 0x7f;
  });
}

}  // namespace

bool is_token(std::string_view text) noexcept {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return detail::is_letter(c) || detail::is_digit(c) || marks.find(c) != std::string_view::npos;
  });
}

std::vector<std::string_view> list_elements(std::string_view value) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t comma = value.find(',');
    if (const std::string_view element = trimmed(value.substr(0, comma)); !element.empty()) out.push_back(element);
    if (comma == std::string_view::npos) return out;
    value.remove_prefix(comma + 1);
  }
}

const std::string* http_head::only(std::string_view name) const noexcept {
  const std::string* found = nullptr;
  for (const http_field& f : fields) {
    if (!equal_ignoring_case(f.name, name)) continue;
    if (found != nullptr) return nullptr;
    found = &f.value;
  }
  return found;
}

std::size_t http_head::count(std::string_view name) const noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(fields, [&](const http_field& f) { return equal_ignoring_case(f.name, name); }));
}

bool http_head::lists(std::string_view name, std::string_view token) const {
  return std::ranges::any_of(fields, [&](const http_field& f) {
    return equal_ignoring_case(f.name, name) && std::ranges::any_of(list_elements(f.value), [&](std::string_view e) {
             return equal_ignoring_case(e, token);
           });
  });
}

void http_head::remove(std::string_view name) {
  std::erase_if(fields, [&](const http_field& f) { return equal_ignoring_case(f.name, name); });
}

std::string http_head::to_text() const {
  std::string out = start_line + "\r\n";
  for (const http_field& f : fields) out += f.name + ": " + f.value + "\r\n";
  return out + "\r\n";
}

std::size_t head_size(std::string_view octets) noexcept {
  const std::size_t end = octets.find("\r\n\r\n");
  return end == std::string_view::npos ? end : end + 4;
}

std::optional<http_head> parse_head(std::string_view text) {
  http_head out;
  bool is_first = true;
  while (true) {
    const std::size_t end = text.find("\r\n");
    if (end == std::string_view::npos) return {};
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 2);
    if (!is_field_value(line)) return {};
    if (is_first) {
      if (line.empty()) return {};
      out.start_line = line;
      is_first = false;
      continue;
    }
    if (line.empty()) break;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return {};
    if (out.fields.size() == http_head::max_fields) return {};
    out.fields.push_back({std::string(line.substr(0, colon)), std::string(trimmed(line.substr(colon + 1)))});
  }
  if (!text.empty()) return {};
  return out;
}

std::optional<body_framing> request_framing(const http_head& head, bool is_http_1_0) {
  const std::size_t codings = head.count("transfer-encoding"), lengths = head.count("content-length");
  if (codings + lengths > 1) return {};
  if (codings == 1) {
    if (is_http_1_0 || !equal_ignoring_case(*head.only("transfer-encoding"), "chunked")) return {};
    return body_framing{body_framing::kind::chunked};
  }
  if (lengths == 0) return body_framing{};
  const std::string& digits = *head.only("content-length");
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.empty()) return {};
  return body_framing{body_framing::kind::length, length};
}

}  // namespace sdconnect::helper
