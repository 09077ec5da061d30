#include "helper/protocol/proxy_destination.hpp"

#include "helper/protocol/punycode.hpp"
#include "net/base/ascii.hpp"
#include "net/base/printable.hpp"
#include "sdconnect/dns/service_name.hpp"

#include <algorithm>
#include <charconv>

namespace sdconnect::helper {
namespace {

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (; !text.empty(); text.remove_prefix(1)) {
    if (text.front() != '%') {
      out += text.front();
      continue;
    }
    const int high = text.size() > 2 ? detail::hex_value(text[1]) : -1;
    const int low = text.size() > 2 ? detail::hex_value(text[2]) : -1;
    if (high < 0 || low < 0) return {};
    out += static_cast<char>(high * 16 + low);
    text.remove_prefix(2);
  }
  return out;
}

std::optional<name> name_of(const std::vector<std::string>& labels) {
  name out;
  for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
    const result<name> longer = out.child(*label);
    if (!longer) return {};
    out = *longer;
  }
  return out;
}

}  // namespace

std::optional<ip_address> proxy_destination::address() const {
  std::string_view text = host;
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  const result<ip_address> parsed = ip_address::from_text(text);
  return parsed ? std::optional(*parsed) : std::nullopt;
}

std::string proxy_destination::to_text() const {
  const bool is_bare_v6 = host.find(':') != std::string::npos && host.front() != '[';
  const std::string shown = detail::escaped(host);
  return (is_bare_v6 ? '[' + shown + ']' : shown) + ':' + std::to_string(port);
}

std::optional<proxy_destination> destination_from_text(std::string_view authority,
                                                       std::optional<std::uint16_t> default_port) {
  std::size_t host_end = authority.size();
  if (authority.starts_with('[')) {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return {};
    host_end = bracket + 1;
  } else {
    host_end = std::min(authority.find(':'), authority.size());
  }
  proxy_destination out{.host = std::string(authority.substr(0, host_end)), .port = default_port.value_or(0)};
  if (out.host.empty()) return {};
  std::string_view port = authority.substr(host_end);
  if (port.starts_with(':')) {
    port.remove_prefix(1);
    if (port.empty() && default_port) return out;  // RFC 3986 §3.2.3
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (error != std::errc() || end != port.data() + port.size() || out.port == 0) return {};
    return out;
  }
  if (!port.empty() || !default_port) return {};
  return out;
}

std::vector<name> names_of_host(std::string_view host) {
  constexpr std::string_view ace_prefix = "xn--";
  if (host.ends_with('.')) host.remove_suffix(1);
  std::vector<std::string> labels;
  while (true) {
    const std::size_t dot = host.find('.');
    std::optional<std::string> label = percent_decoded(host.substr(0, dot));
    if (!label) return {};
    labels.push_back(*std::move(label));
    if (dot == std::string_view::npos) break;
    host.remove_prefix(dot + 1);
  }
  const std::optional<name> as_sent = name_of(labels);
  if (!as_sent) return {};
  std::vector<name> out;
  const std::string_view first = labels.front();
  if (is_service_instance(*as_sent) && first.size() > ace_prefix.size() &&
      equal_ignoring_case(first.substr(0, ace_prefix.size()), ace_prefix)) {
    if (auto decoded = punycode_to_utf8(first.substr(ace_prefix.size()))) {
      labels.front() = *std::move(decoded);
      if (const std::optional<name> in_utf8 = name_of(labels)) out.push_back(*in_utf8);
    }
  }
  out.push_back(*as_sent);
  return out;
}

}  // namespace sdconnect::helper
