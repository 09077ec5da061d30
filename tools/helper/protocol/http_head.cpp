#include "helper/protocol/http_head.hpp"

#include "net/base/ascii.hpp"
#include "sdconnect/dns/name.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace sdconnect::helper {
namespace {

constexpr std::string_view blanks = " \t", line_end = "\r\n";
constexpr std::array<std::string_view, 8> hop_by_hop{
    "connection",         "proxy-connection",          "keep-alive", "proxy-authorization",
    "proxy-authenticate", "proxy-authentication-info", "te",         "upgrade"};
constexpr std::array<std::string_view, 3> essential{"host", "content-length", "transfer-encoding"};

template <class Names>
bool is_one_of(std::string_view name, const Names& names) {
  return std::any_of(names.begin(), names.end(), [&](const auto& n) { return equal_ignoring_case(n, name); });
}

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// The elements of a comma-separated list, without blanks and empty ones.
std::vector<std::string_view> list_elements(std::string_view value) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t comma = value.find(',');
    if (const std::string_view element = trimmed(value.substr(0, comma)); !element.empty()) out.push_back(element);
    if (comma == std::string_view::npos) return out;
    value.remove_prefix(comma + 1);
  }
}

bool has_control(std::string_view line) noexcept {
  return std::ranges::any_of(line, [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return (octet < ' ' && c != '\t') || octet == 0x7f;
  });
}

std::optional<std::uint64_t> length_from_text(std::string_view digits) noexcept {
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (error != std::errc() || end != digits.data() + digits.size()) return {};
  return length;
}

}  // namespace

bool is_token(std::string_view text) noexcept {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return detail::is_letter(c) || detail::is_digit(c) || marks.find(c) != std::string_view::npos;
  });
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
    return equal_ignoring_case(f.name, name) && is_one_of(token, list_elements(f.value));
  });
}

void http_head::remove(std::string_view name) {
  std::erase_if(fields, [&](const http_field& f) { return equal_ignoring_case(f.name, name); });
}

void http_head::remove_hop_by_hop() {
  std::vector<std::string> named;
  for (const http_field& f : fields) {
    if (!equal_ignoring_case(f.name, "connection")) continue;
    for (const std::string_view element : list_elements(f.value)) {
      if (!is_one_of(element, essential)) named.emplace_back(element);
    }
  }
  std::erase_if(fields, [&](const http_field& f) { return is_one_of(f.name, hop_by_hop) || is_one_of(f.name, named); });
}

std::string http_head::to_text() const {
  std::string out = start_line;
  out += line_end;
  for (const http_field& f : fields) out.append(f.name).append(": ").append(f.value).append(line_end);
  return out.append(line_end);
}

head_scanner::state head_scanner::scan(std::string_view received) {
  constexpr std::size_t max_lines = http_head::max_fields + 2;  // with the start line and the empty line
  received = received.substr(0, http_head::max_size);
  while (true) {
    const std::size_t end = received.find('\n', scanned_);
    if (end == std::string_view::npos) {
      scanned_ = received.size();
      return received.size() == http_head::max_size ? state::too_large : state::incomplete;
    }
    if (end == line_begin_ || received[end - 1] != '\r') return state::malformed;
    const bool is_last = end == line_begin_ + 1;
    scanned_ = line_begin_ = end + 1;
    if (is_last) return state::complete;
    if (++lines_ == max_lines) return state::too_large;
  }
}

std::optional<http_head> parse_head(std::string_view text) {
  const auto take_line = [&text] {
    const std::size_t end = text.find(line_end);
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + line_end.size());
    return line;
  };
  http_head out;
  out.start_line = take_line();
  if (out.start_line.empty() || has_control(out.start_line)) return {};
  for (std::string_view line = take_line(); !line.empty(); line = take_line()) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) || has_control(line)) return {};
    out.fields.push_back({std::string(line.substr(0, colon)), std::string(trimmed(line.substr(colon + 1)))});
  }
  return out;
}

http_field via_field(std::string_view version) {
  return {"Via", std::string(version.substr(version.find('/') + 1)) + " sd-connect"};
}

std::optional<body_framing> request_framing(const http_head& head, bool is_http_1_0) {
  const std::size_t codings = head.count("transfer-encoding"), lengths = head.count("content-length");
  if (codings + lengths > 1) return {};
  if (codings == 1) {
    if (is_http_1_0 || !equal_ignoring_case(*head.only("transfer-encoding"), "chunked")) return {};
    return body_framing{body_framing::kind::chunked};
  }
  if (lengths == 0) return body_framing{};
  const std::optional<std::uint64_t> length = length_from_text(*head.only("content-length"));
  if (!length) return {};
  return body_framing{body_framing::kind::length, *length};
}

bool clear_response_framing(http_head& head) {
  if (head.count("transfer-encoding") > 0) {
    head.remove("content-length");
    return true;
  }
  if (head.count("content-length") == 0) return true;
  const std::string* length = head.only("content-length");
  return length != nullptr && length_from_text(*length);
}

}  // namespace sdconnect::helper
