#include "helper/protocol/http_proxy.hpp"

#include "net/base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace sdconnect::helper {
namespace {

constexpr std::uint16_t http_port = 80;

std::optional<std::string> base64_decoded(std::string_view text) {
  const auto value = [](char c) -> int {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (detail::is_digit(c)) return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
  };
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const int six = value(c);
    if (six < 0) return {};
    bits = (bits << 6U | static_cast<unsigned>(six)) & 0xFFFFFFU;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xFFU);
  }
  return out;
}

/// Fields that concern only one connection (RFC 9110 §7.6.1).
constexpr std::array<std::string_view, 7> hop_by_hop{
    "connection", "proxy-connection", "keep-alive", "proxy-authorization", "proxy-authenticate", "te", "upgrade"};
/// The meaning of the message depends on these, so a Connection field cannot take them away.
constexpr std::array<std::string_view, 3> essential{"host", "content-length", "transfer-encoding"};

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::any_of(names, [&](std::string_view n) { return equal_ignoring_case(n, name); });
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return out;
}

/// A string for JavaScript: names have no other characters that need an escape.
std::string js(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '<') out += c;
  }
  return out + '"';
}

}  // namespace

std::string http_proxy_reader::success_reply(const ip_address&, std::uint16_t) const {
  return kind_ == http_request_kind::connect ? "HTTP/1.1 200 Connection established\r\n\r\n" : "";
}

std::string http_proxy_reader::failure_reply(const refusal& why) const { return http_refusal(why, method_ != "HEAD"); }

void http_proxy_reader::refuse(refusal_kind kind, std::string reason) {
  end(failure_reply({.kind = kind, .reason = std::move(reason), .id = {}}));
}

bool http_proxy_reader::read() {
  const std::size_t size = head_size(received_);
  if (std::min(size, received_.size()) > http_head::max_size) {
    refuse(refusal_kind::head_too_large, "the head of the request is larger than 64 KiB");
    return false;
  }
  if (size == std::string::npos) return false;
  std::optional<http_head> head = parse_head(std::string_view(received_).substr(0, size));
  received_.erase(0, size);
  if (head) {
    head_ = *std::move(head);
    understand();
  } else {
    refuse(refusal_kind::bad_request, "not an HTTP request");
  }
  return false;
}

void http_proxy_reader::understand() {
  const std::string& line = head_.start_line;
  const std::size_t first = line.find(' '), last = line.rfind(' ');
  if (first == std::string::npos || first == last) return refuse(refusal_kind::bad_request, "not an HTTP request");
  method_ = line.substr(0, first);
  const std::string target = line.substr(first + 1, last - first - 1);
  version_ = line.substr(last + 1);
  const bool is_1_0 = version_ == "HTTP/1.0";
  if (!is_token(method_) || target.empty() || target.find_first_of(" \t") != std::string::npos ||
      (!is_1_0 && version_ != "HTTP/1.1"))
    return refuse(refusal_kind::bad_request, "not a request of HTTP/1.0 or HTTP/1.1");
  const std::optional<body_framing> framing = request_framing(head_, is_1_0);
  if (!framing) return refuse(refusal_kind::bad_request, "the length of the request's body is not clear");
  framing_ = *framing;
  if (target.starts_with('/') || target == "*") {
    kind_ = http_request_kind::own;
    path_ = target;
    return ask({});
  }
  if (!is_authenticated())
    return refuse(refusal_kind::not_authenticated, "this proxy wants a user name and a password");
  if (method_ == "CONNECT") return ask_for_connect(target);
  ask_for_forward(target);
}

bool http_proxy_reader::is_authenticated() const {
  if (!needs_credentials()) return true;
  constexpr std::string_view scheme = "basic ";
  const std::string* given = head_.only("proxy-authorization");
  if (given == nullptr || !equal_ignoring_case(std::string_view(*given).substr(0, scheme.size()), scheme)) return false;
  const std::optional<std::string> decoded = base64_decoded(std::string_view(*given).substr(scheme.size()));
  if (!decoded) return false;
  const std::size_t colon = decoded->find(':');
  if (colon == std::string::npos) return false;
  return accepts(std::string_view(*decoded).substr(0, colon), std::string_view(*decoded).substr(colon + 1));
}

void http_proxy_reader::ask_for_connect(std::string_view target) {
  kind_ = http_request_kind::connect;
  const std::optional<proxy_destination> wanted = destination_from_text(target, {});
  if (!wanted) return refuse(refusal_kind::bad_request, "CONNECT needs HOST:PORT");
  // A body would be read as the first octets of the tunnel.
  if (framing_.how != body_framing::kind::none && framing_.length != 0)
    return refuse(refusal_kind::bad_request, "CONNECT has no body");
  ask(*wanted);
}

void http_proxy_reader::ask_for_forward(std::string_view target) {
  constexpr std::string_view scheme = "http://";
  kind_ = http_request_kind::forward;
  if (!equal_ignoring_case(target.substr(0, scheme.size()), scheme))
    return refuse(refusal_kind::bad_request, "only http:// URLs are forwarded; for others use CONNECT");
  target.remove_prefix(scheme.size());
  const std::size_t authority_end = std::min(target.find_first_of("/?#"), target.size());
  const std::string_view authority = target.substr(0, authority_end);
  if (authority.find('@') != std::string_view::npos)
    return refuse(refusal_kind::bad_request, "the URL has a user name");
  const std::optional<proxy_destination> wanted = destination_from_text(authority, http_port);
  if (!wanted) return refuse(refusal_kind::bad_request, "the URL has no host");
  std::string_view path = target.substr(authority_end);
  path = path.substr(0, path.find('#'));
  if (path.starts_with('/'))
    path_ = path;
  else if (path.empty() && method_ == "OPTIONS")
    path_ = "*";  // RFC 9112 §3.2.4
  else
    path_ = "/" + std::string(path);
  make_origin_form(authority);
  ask(*wanted);
}

void http_proxy_reader::make_origin_form(std::string_view authority) {
  wants_upgrade_ = version_ == "HTTP/1.1" && head_.count("upgrade") > 0 && head_.lists("connection", "upgrade");
  std::vector<std::string> named;
  for (const http_field& f : head_.fields) {
    if (!equal_ignoring_case(f.name, "connection")) continue;
    for (const std::string_view element : list_elements(f.value)) named.emplace_back(element);
  }
  std::erase_if(named, [](const std::string& n) { return is_one_of(n, essential); });
  const auto is_named = [&](const std::string& field) {
    return std::ranges::any_of(named, [&](const std::string& n) { return equal_ignoring_case(n, field); });
  };
  std::erase_if(head_.fields, [&](const http_field& f) {
    if (wants_upgrade_ && (equal_ignoring_case(f.name, "upgrade") || is_named(f.name)) &&
        !equal_ignoring_case(f.name, "keep-alive") && !equal_ignoring_case(f.name, "proxy-connection"))
      return false;
    return is_one_of(f.name, hop_by_hop) || is_named(f.name);
  });
  head_.remove("host");
  head_.fields.insert(head_.fields.begin(), {"Host", std::string(authority)});
  std::string connection;
  if (wants_upgrade_) {
    for (const std::string& n : named) {
      if (!equal_ignoring_case(n, "keep-alive") && !equal_ignoring_case(n, "close"))
        connection += (connection.empty() ? "" : ", ") + n;
    }
  }
  head_.fields.push_back({"Connection", wants_upgrade_ ? connection : "close"});
  head_.fields.push_back({"Via", version_.substr(5) + " sd-connect"});  // RFC 9110 §7.6.3
  head_.start_line = method_ + ' ' + path_ + ' ' + version_;
}

std::string proxy_pac(std::uint16_t port, const std::vector<std::string>& domains,
                      const std::vector<std::string>& hosts) {
  const std::string proxy = fmt::format("SOCKS5 127.0.0.1:{0}; SOCKS 127.0.0.1:{0}; PROXY 127.0.0.1:{0}", port);
  std::string out = "function FindProxyForURL(url, host) {\n";
  const auto rule = [&](const std::string& condition) {
    out += fmt::format("  if ({}) return \"{}\";\n", condition, proxy);
  };
  if (domains.empty()) {
    rule("shExpMatch(host, \"*._tcp.*\")");
  } else {
    for (const std::string& d : domains)
      rule(fmt::format("shExpMatch(host, \"*._tcp.*\") && dnsDomainIs(host, {})", js("." + lower(d))));
  }
  for (const std::string& h : hosts) rule(fmt::format("shExpMatch(host, {})", js(lower(h))));
  return out + "  return \"DIRECT\";\n}\n";
}

}  // namespace sdconnect::helper
