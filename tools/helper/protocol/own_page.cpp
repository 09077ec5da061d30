#include "helper/protocol/own_page.hpp"

#include "net/base/ascii.hpp"
#include "sdconnect/dns/name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

namespace sdconnect::helper {
namespace {

/// A name that means itself in a string and in a pattern of shExpMatch().
bool is_plain(std::string_view name) {
  return std::ranges::all_of(
      name, [](char c) { return detail::is_letter(c) || detail::is_digit(c) || c == '-' || c == '_' || c == '.'; });
}

/// As browsers compare it: in lower case and without the final dot.
std::string canonical(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  std::string out(name);
  std::ranges::transform(out, out.begin(), detail::to_lower);
  return out;
}

bool is_own_host(std::string_view host, std::uint16_t port) {
  for (const char* own : {"localhost", "127.0.0.1", "[::1]"}) {
    if (equal_ignoring_case(host, fmt::format("{}:{}", own, port))) return true;
  }
  return false;
}

}  // namespace

std::string proxy_pac(std::uint16_t port, const std::vector<std::string>& domains,
                      const std::vector<std::string>& hosts) {
  std::string out = "function FindProxyForURL(url, host) {\n";
  const auto add_rule = [&](const std::string& condition) {
    out += fmt::format("  if ({}) return \"SOCKS5 127.0.0.1:{}; PROXY 127.0.0.1:{}\";\n", condition, port, port);
  };
  const std::string is_service = "shExpMatch(host, \"*._tcp.*\")";
  if (domains.empty()) add_rule(is_service);
  for (const std::string& d : domains) {
    if (is_plain(d)) add_rule(fmt::format("{} && dnsDomainIs(host, \".{}\")", is_service, canonical(d)));
  }
  for (const std::string& h : hosts) {
    if (is_plain(h)) add_rule(fmt::format("shExpMatch(host, \"{}\")", canonical(h)));
  }
  return out + "  return \"DIRECT\";\n}\n";
}

std::string own_reply(const http_proxy_reader& asked, std::uint16_t port, std::string_view pac, std::string_view id) {
  const std::string* host = asked.head().only("host");
  const bool is_head = asked.method() == "HEAD";
  const bool wants_pac = (is_head || asked.method() == "GET") && asked.path() == "/proxy.pac";
  if (!wants_pac || host == nullptr || !is_own_host(*host, port)) {
    return asked.failure_reply({.kind = refusal_kind::misdirected,
                                .reason = "this is a proxy: it serves /proxy.pac on loopback, and absolute URLs",
                                .id = std::string(id)});
  }
  return fmt::format(
      "HTTP/1.1 200 OK\r\nContent-Type: application/x-ns-proxy-autoconfig\r\nContent-Length: {}\r\n"
      "Cache-Control: no-cache\r\nConnection: close\r\n\r\n{}",
      pac.size(), is_head ? "" : pac);
}

}  // namespace sdconnect::helper
