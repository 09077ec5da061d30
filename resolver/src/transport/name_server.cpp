#include "sdconnect/transport/name_server.hpp"

#include <charconv>
#include <utility>

namespace sdconnect {
namespace {

result<std::uint16_t> port_from_text(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (ec != std::errc() || end != text.data() + text.size() || port == 0) return errc::bad_address;
  return port;
}

// The address part and what follows it: nothing, "#PORT" or ":PORT".
std::pair<std::string_view, std::string_view> split_address(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == text.npos) return {};
    return {text.substr(1, close - 1), text.substr(close + 1)};
  }
  std::size_t end = text.find('#');
  // A colon separates a port only from an IPv4 address; IPv6 without brackets is full of them.
  if (end == text.npos && text.find(':') == text.rfind(':')) end = text.find(':');
  if (end == text.npos) return {text, {}};
  return {text.substr(0, end), text.substr(end)};
}

}  // namespace

result<server_address> server_address::from_text(std::string_view text) {
  const auto [address_text, port_text] = split_address(text);
  const result<ip_address> address = ip_address::from_text(address_text);
  if (!address) return address.error();
  if (text.starts_with('[') && address->is_v4()) return errc::bad_address;

  server_address out{*address};
  if (port_text.empty()) return out;
  if (port_text.front() != '#' && port_text.front() != ':') return errc::bad_address;
  const result<std::uint16_t> port = port_from_text(port_text.substr(1));
  if (!port) return port.error();
  out.port = *port;
  return out;
}

std::string server_address::to_text() const { return address.to_text() + '#' + std::to_string(port); }

name_server name_server::at(const server_address& address) { return {address, nullptr, address.to_text()}; }

name_server name_server::of(std::shared_ptr<const zone> file, std::string label) {
  return {{}, std::move(file), std::move(label)};
}

}  // namespace sdconnect
