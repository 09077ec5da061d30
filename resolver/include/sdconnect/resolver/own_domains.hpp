/// \file
/// Domains of this host's own networks. RFC 6763 §11 lets a client look for browsing domains there.
#pragma once

#include "sdconnect/dns/name.hpp"
#include "sdconnect/net/ip_address.hpp"

#include <span>
#include <vector>

namespace sdconnect {

struct interface_address {
  ip_address address;
  unsigned prefix_length = 0;  ///< number of bits in the network mask

  friend bool operator==(const interface_address&, const interface_address&) = default;
};

/// True if the address shows which network this host is in: neither loopback nor link-local
/// (169.254.0.0/16, fe80::/10).
[[nodiscard]] bool is_of_a_network(const ip_address& address) noexcept;

/// Returns (address AND mask) with its octets reversed below in-addr.arpa, or its nibbles below
/// ip6.arpa, for use as the domain of domain_enumeration_name: 192.168.1.20/24 gives
/// `0.1.168.192.in-addr.arpa`. The domains are sorted and unique. Link-local addresses
/// (RFC 6763 §11) and loopback give none.
[[nodiscard]] std::vector<name> network_domains(std::span<const interface_address> addresses);

/// Returns the addresses of the interfaces that are up, from getifaddrs(3). Empty if getifaddrs
/// fails.
[[nodiscard]] std::vector<interface_address> own_addresses();

}  // namespace sdconnect
