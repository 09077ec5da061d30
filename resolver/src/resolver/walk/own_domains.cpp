#include "sdconnect/resolver/own_domains.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>
#include <netinet/in.h>
#include <optional>
#include <string>

namespace sdconnect {
namespace {

std::string reversed_text(const interface_address& own) {
  std::string text;
  const auto octets = own.address.octets();
  for (std::size_t i = octets.size(); i-- > 0;) {
    const unsigned kept_bits = std::clamp<int>(static_cast<int>(own.prefix_length) - static_cast<int>(8 * i), 0, 8);
    const unsigned octet = octets[i] & (0xff00u >> kept_bits) & 0xff;
    if (own.address.is_v4()) {
      text += std::to_string(octet) + '.';
    } else {
      constexpr std::string_view digits = "0123456789abcdef";
      text += {digits[octet & 0xf], '.', digits[octet >> 4], '.'};
    }
  }
  return text + (own.address.is_v4() ? "in-addr.arpa" : "ip6.arpa");
}

std::span<const std::uint8_t> octets_of(const sockaddr& address) noexcept {
  const auto* at = reinterpret_cast<const std::uint8_t*>(&address);
  if (address.sa_family == AF_INET) return {at + offsetof(sockaddr_in, sin_addr), 4};
  if (address.sa_family == AF_INET6) return {at + offsetof(sockaddr_in6, sin6_addr), 16};
  return {};
}

std::optional<interface_address> read_interface(const ifaddrs& one) {
  if (one.ifa_addr == nullptr || one.ifa_netmask == nullptr || (one.ifa_flags & IFF_UP) == 0) return std::nullopt;
  const auto octets = octets_of(*one.ifa_addr);
  if (octets.empty()) return std::nullopt;
  interface_address out;
  // The kernel sometimes leaves the family of a netmask unset; it is the family of the address.
  const std::size_t offset = static_cast<std::size_t>(octets.data() - reinterpret_cast<std::uint8_t*>(one.ifa_addr));
  const auto* mask = reinterpret_cast<const std::uint8_t*>(one.ifa_netmask) + offset;
  for (std::size_t i = 0; i < octets.size(); ++i) out.prefix_length += static_cast<unsigned>(std::popcount(mask[i]));
  if (octets.size() == 4) {
    std::array<std::uint8_t, 4> v4{};
    std::ranges::copy(octets, v4.begin());
    out.address = ip_address::v4(v4);
  } else {
    std::array<std::uint8_t, 16> v6{};
    std::ranges::copy(octets, v6.begin());
    out.address = ip_address::v6(v6);
  }
  return out;
}

}  // namespace

bool is_of_a_network(const ip_address& address) noexcept {
  const auto octets = address.octets();
  if (address.is_loopback()) return false;
  if (address.is_v4()) return octets[0] != 169 || octets[1] != 254;  // RFC 3927
  return octets[0] != 0xfe || (octets[1] & 0xc0) != 0x80;            // RFC 4291 §2.5.6
}

std::vector<name> network_domains(std::span<const interface_address> addresses) {
  std::vector<name> domains;
  for (const interface_address& own : addresses) {
    if (!is_of_a_network(own.address)) continue;
    if (const result<name> domain = name::from_text(reversed_text(own))) domains.push_back(*domain);
  }
  std::ranges::sort(domains, [](const name& a, const name& b) { return a < b; });
  domains.erase(std::unique(domains.begin(), domains.end()), domains.end());
  return domains;
}

std::vector<interface_address> own_addresses() {
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) return {};
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(first, freeifaddrs);
  std::vector<interface_address> out;
  for (const ifaddrs* at = first; at != nullptr; at = at->ifa_next) {
    if (const auto own = read_interface(*at)) out.push_back(*own);
  }
  return out;
}

}  // namespace sdconnect
