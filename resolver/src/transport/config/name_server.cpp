#include "sdconnect/transport/name_server.hpp"

#include "sdconnect/dns/service_name.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sdconnect {
namespace {

constexpr std::string_view tls_prefix = "tls://";
constexpr std::uint16_t tls_port = 853;  // RFC 7858 §3.1

result<std::uint16_t> port_from_text(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (ec != std::errc() || end != text.data() + text.size() || port == 0) return errc::bad_address;
  return port;
}

// Splits text into the address and what follows it: nothing, "#PORT" or ":PORT".
std::pair<std::string_view, std::string_view> split_address(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == text.npos) return {};
    return {text.substr(1, close - 1), text.substr(close + 1)};
  }
  std::size_t end = text.find('#');
  // A colon separates a port only from an IPv4 address; IPv6 without brackets contains several.
  if (end == text.npos && text.find(':') == text.rfind(':')) end = text.find(':');
  if (end == text.npos) return {text, {}};
  return {text.substr(0, end), text.substr(end)};
}

result<server_address> address_from_text(std::string_view text, std::uint16_t default_port) {
  const auto [address_text, port_text] = split_address(text);
  const result<ip_address> address = ip_address::from_text(address_text);
  if (!address) return address.error();
  if (text.starts_with('[') && address->is_v4()) return errc::bad_address;

  server_address out{*address, default_port};
  if (port_text.empty()) return out;
  if (port_text.front() != '#' && port_text.front() != ':') return errc::bad_address;
  const result<std::uint16_t> port = port_from_text(port_text.substr(1));
  if (!port) return port.error();
  out.port = *port;
  return out;
}

// Reads a name that can be in a certificate and in SNI: no final dot, no escapes (RFC 6066 §3,
// RFC 8310 §8.1).
result<std::string> certificate_name_from_text(std::string_view text) {
  const result<name> read = name::from_text(text);
  if (!read || !is_host_name(*read)) return errc::bad_server_name;
  return host_text(*read);
}

}  // namespace

result<server_address> server_address::from_text(std::string_view text) {
  return address_from_text(text, server_address{}.port);
}

std::string server_address::to_text() const { return address.to_text() + '#' + std::to_string(port); }

name_server name_server::at(const server_address& address) {
  name_server out{address, nullptr, address.to_text()};
  out.trusts_ad = address.address.is_loopback();
  return out;
}

name_server name_server::over_tls(const server_address& address, tls_options with) {
  name_server out{address, nullptr, std::string(tls_prefix) + address.to_text()};
  if (!with.server_name.empty()) out.label += '@' + with.server_name;
  out.trusts_ad = !with.opportunistic || address.address.is_loopback();
  out.tls = std::move(with);
  return out;
}

name_server name_server::of(std::shared_ptr<const zone> file, std::string label) {
  return {{}, std::move(file), std::move(label)};
}

result<name_server> name_server::from_text(std::string_view text) {
  if (!text.starts_with(tls_prefix)) {
    const result<server_address> address = server_address::from_text(text);
    if (!address) return address.error();
    return at(*address);
  }
  text.remove_prefix(tls_prefix.size());
  const std::size_t at_sign = text.find('@');
  const result<server_address> address = address_from_text(text.substr(0, at_sign), tls_port);
  if (!address) return address.error();
  tls_options options;
  if (at_sign != text.npos) {
    result<std::string> read = certificate_name_from_text(text.substr(at_sign + 1));
    if (!read) return read.error();
    options.server_name = std::move(*read);
  }
  return over_tls(*address, std::move(options));
}

}  // namespace sdconnect
