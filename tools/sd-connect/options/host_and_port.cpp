#include "sd-connect/options/host_and_port.hpp"

#include <algorithm>

namespace sdconnect::cli {
namespace {

constexpr const char* form = "HOST:PORT, like host1.example.com:8080 or [2001:db8::1]:80";

}  // namespace

bool host_and_port::is_of(const endpoint& e) const {
  if (e.port != port) return false;
  if (const name* target = std::get_if<name>(&host)) return e.target == *target;
  return std::ranges::find(e.addresses, std::get<ip_address>(host)) != e.addresses.end();
}

parsed<host_and_port> host_and_port_from_text(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return value_fault{"no port", form};
  const parsed<std::uint64_t> port = number_from_text(text.substr(colon + 1), 1, 65535);
  if (!port) return value_fault{"not a port", form};
  std::string_view host = text.substr(0, colon);
  const bool is_bracketed = host.starts_with('[') && host.ends_with(']');
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  host_and_port value{.host = {}, .port = static_cast<std::uint16_t>(*port)};
  const result<ip_address> address = ip_address::from_text(host);
  if (address && address->is_v4() != is_bracketed) {
    value.host = *address;
    return value;
  }
  const result<name> target = name::from_text(host);
  // "2001:db8::1:80" may be an address without a port.
  if (!target || is_bracketed || host.find(':') != std::string_view::npos) return value_fault{"not a host", form};
  value.host = *target;
  return value;
}

}  // namespace sdconnect::cli
