#include "sd-connect/options/service_text.hpp"

#include "net/base/ascii.hpp"
#include "program/report.hpp"
#include "sdconnect/dns/service_name.hpp"
#include "sdconnect/net/ip_address.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sdconnect::cli {
namespace {

constexpr std::string_view after_scheme = "://";
constexpr std::string_view digits = "0123456789";

/// One SERVICE, and how to say what is wrong with it.
struct reader {
  std::string_view argument;
  std::string_view text;

  [[noreturn]] void refuse(std::string_view what, std::string_view hint) const {
    throw fail(exit_code::usage, what, fmt::format("{} {}", argument, in_quotes(text)), hint);
  }
};

/// "a.b:80" has the port "80"; "a:80.b", an instance, has none.
std::string_view port_of(std::string_view text) noexcept {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos || colon == 0 || text[colon - 1] == '\\') return {};
  const std::string_view port = text.substr(colon + 1);
  return port.find_first_not_of(digits) == port.npos ? port : std::string_view();
}

std::string_view without_port(std::string_view text) noexcept {
  const std::string_view port = port_of(text);
  return port.empty() ? text : text.substr(0, text.size() - port.size() - 1);
}

/// An address, alone, in brackets, or with a port behind it.
bool is_address(std::string_view text) {
  const auto is_one = [](std::string_view candidate) {
    if (candidate.ends_with('.')) candidate.remove_suffix(1);
    return ip_address::from_text(candidate.substr(0, candidate.find('%'))).has_value();
  };
  if (text.starts_with('[')) return is_one(text.substr(1, std::min(text.find(']'), text.size()) - 1));
  return is_one(text) || is_one(without_port(text));
}

bool is_service_name(std::string_view text) {
  const result<name> read = name::from_text(text);
  return read && split_service_name(*read);
}

/// The first slash that is not escaped.
std::size_t find_slash(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '/')
      return at;
  }
  return text.npos;
}

std::string hint_without_port(const reader& said, std::string_view plain, std::string_view port) {
  const result<name> read = name::from_text(plain);
  if (!read || read->label_count() < 2) return "a name like _http._tcp.example.com, whose SRV records tell the port";
  if (split_service_name(*read) || said.argument != "SERVICE")
    return fmt::format("write {}: its SRV records tell the port", in_quotes(plain));
  return fmt::format("write {} --default-port {}, or the name of a service, whose SRV records tell the port",
                     in_quotes(plain), port);
}

/// Refuses an address and a port.
void require_plain_name(const reader& said, std::string_view host) {
  if (is_address(host))
    said.refuse("an IP address where a name belongs",
                "SRV records stand at a name like _http._tcp.example.com; curl and nc connect to an address");
  const std::string_view port = port_of(host);
  if (port.empty()) return;
  said.refuse("a port where none belongs", hint_without_port(said, without_port(host), port));
}

/// Refuses `NAME/path`. An instance may have a slash in its own label: `a/b._http._tcp.example.com`.
void require_no_path(const reader& said) {
  const std::size_t slash = find_slash(said.text);
  if (slash == said.text.npos) return;
  const std::string_view host = said.text.substr(0, slash);
  if (is_service_name(said.text) && !is_service_name(host)) return;
  require_plain_name(said, host);
  said.refuse("a path where none belongs",
              fmt::format("write {}; get takes a path as the next word: get {} {}", in_quotes(host), in_quotes(host),
                          in_quotes(said.text.substr(slash))));
}

/// `%XX` becomes `\DDD`, which is that octet in the text of a name.
std::string unescaped_host(const reader& said, std::string_view host) {
  std::string text;
  for (std::size_t at = 0; at < host.size(); ++at) {
    if (host[at] != '%') {
      text += host[at];
      continue;
    }
    const int high = at + 2 < host.size() ? detail::hex_value(host[at + 1]) : -1;
    const int low = at + 2 < host.size() ? detail::hex_value(host[at + 2]) : -1;
    if (high < 0 || low < 0) said.refuse("not a URL", "'%' is followed by two hexadecimal digits");
    text += fmt::format("\\{:03}", high * 16 + low);
    at += 2;
  }
  return text;
}

service_text read_url(const reader& said) {
  const std::size_t end_of_scheme = said.text.find(after_scheme);
  std::string scheme(said.text.substr(0, end_of_scheme));
  std::ranges::transform(scheme, scheme.begin(), detail::to_lower);
  // RFC 3986 §3.2: the authority ends at the next slash, question mark or number sign.
  const std::string_view rest = said.text.substr(end_of_scheme + after_scheme.size());
  std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  std::string_view path = rest.substr(authority.size());
  if (authority.ends_with(':')) authority.remove_suffix(1);  // an empty port, RFC 3986 §3.2.3
  if (scheme != "http" && scheme != "https")
    said.refuse("not an http or https URL", fmt::format("write the name alone: {}", in_quotes(authority)));
  if (authority.find('@') != authority.npos)
    said.refuse("a user name where none belongs", "send credentials with -H 'Authorization: ...'");
  require_plain_name(said, authority);

  service_text read{.name = unescaped_host(said, authority), .is_url = true, .is_https = scheme == "https", .path = {}};
  path = path.substr(0, path.find('#'));
  if (!path.empty()) read.path = path.starts_with('/') ? std::string(path) : '/' + std::string(path);
  return read;
}

}  // namespace

bool is_url(std::string_view text) noexcept {
  const std::size_t end = text.find(after_scheme);
  const std::string_view scheme = text.substr(0, end);
  // RFC 3986 §3.1.
  return end != text.npos && !scheme.empty() && std::ranges::all_of(scheme, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
                  c == '.';
         });
}

service_text read_service_text(std::string_view argument, std::string_view text) {
  const reader said{argument, text};
  if (is_url(text)) return read_url(said);
  require_no_path(said);
  require_plain_name(said, text);
  return {.name = std::string(text), .path = {}};
}

}  // namespace sdconnect::cli
