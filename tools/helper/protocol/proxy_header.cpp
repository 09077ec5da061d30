#include "helper/protocol/proxy_header.hpp"

#include <array>
#include <string_view>

namespace sdconnect::helper {
namespace {

constexpr std::string_view signature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr char version_and_local = 0x20, version_and_proxy = 0x21;
constexpr char unspecified = 0x00, tcp_over_v4 = 0x11, tcp_over_v6 = 0x21;

std::string big_endian(std::size_t value) {
  return {static_cast<char>(value >> 8U & 0xFFU), static_cast<char>(value & 0xFFU)};
}

/// An IPv4 address is mapped if the other one is IPv6.
std::string octets(const ip_address& address, bool as_v6) {
  std::string out;
  if (as_v6 && address.is_v4()) out = std::string(10, '\0') + "\xff\xff";
  for (const std::uint8_t o : address.octets()) out += static_cast<char>(o);
  return out;
}

}  // namespace

std::string proxy_header(const std::optional<proxied_address>& source,
                         const std::optional<proxied_address>& destination) {
  std::string out(signature);
  if (!source || !destination) return out + version_and_local + unspecified + big_endian(0);
  const bool is_v6 = !source->address.is_v4() || !destination->address.is_v4();
  const std::string body = octets(source->address, is_v6) + octets(destination->address, is_v6) +
                           big_endian(source->port) + big_endian(destination->port);
  return out + version_and_proxy + (is_v6 ? tcp_over_v6 : tcp_over_v4) + big_endian(body.size()) + body;
}

}  // namespace sdconnect::helper
