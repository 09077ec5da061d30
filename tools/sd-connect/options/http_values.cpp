#include "sd-connect/options/http_values.hpp"

#include "sdconnect/dns/service_name.hpp"
#include "sdconnect/net/ip_address.hpp"

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

/// A host name or an IP address.
bool is_host(std::string_view text) {
  if (ip_address::from_text(text)) return true;
  const result<name> host = name::from_text(text);
  return host && is_host_name(*host);
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

parsed<std::string> host_from_text(std::string_view text) {
  const value_fault fault{"not a host", "NAME, NAME:PORT or [IPV6]:PORT"};
  const bool is_bracketed = text.starts_with('[');
  const std::size_t end = is_bracketed ? text.find(']') : text.find(':');
  if (is_bracketed && end == std::string_view::npos) return fault;
  const std::string_view host = is_bracketed ? text.substr(1, end - 1) : text.substr(0, end);
  std::string_view rest = text.substr(std::min(text.size(), is_bracketed ? end + 1 : end));
  if (!rest.empty()) {
    if (!rest.starts_with(':') || !number_from_text(rest.substr(1), 1, 65535)) return fault;
  }
  if (is_bracketed) {
    const result<ip_address> address = ip_address::from_text(host);
    if (!address || address->is_v4() || address->scope_id() != 0) return fault;
    return std::string(text);
  }
  if (!is_host(host)) return fault;
  return std::string(text);
}

parsed<std::string> certificate_name_from_text(std::string_view text) {
  if (!is_host(text)) return value_fault{"not a host name", "NAME or an IP address, without a port"};
  return std::string(text);
}

std::string host_without_port(std::string_view host) {
  const bool is_bracketed = host.starts_with('[');
  host = is_bracketed ? host.substr(1, host.find(']') - 1) : host.substr(0, host.find(':'));
  if (host.ends_with('.')) host.remove_suffix(1);
  return std::string(host);
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
