/// \file
/// The domains that stand for this host's own networks, where RFC 6763 §11 lets a client look for
/// browsing domains.
#pragma once

#include "sdconnect/dns/name.hpp"
#include "sdconnect/net/ip_address.hpp"

#include <span>
#include <vector>

namespace sdconnect {

struct interface_address {
  ip_address address;
  unsigned prefix_length = 0;  ///< bits of the network mask

  friend bool operator==(const interface_address&, const interface_address&) = default;
};

/// Neither loopback nor link-local (169.254.0.0/16, fe80::/10): an address that says which network
/// this host is in.
[[nodiscard]] bool is_of_a_network(const ip_address& address) noexcept;

/// (address AND mask) with its octets reversed below in-addr.arpa, or its nibbles below ip6.arpa,
/// to be the domain of domain_enumeration_name: 192.168.1.20/24 is `0.1.168.192.in-addr.arpa`. Each
/// once, in order; none for link-local addresses (RFC 6763 §11) and for loopback.
[[nodiscard]] std::vector<name> network_domains(std::span<const interface_address> addresses);

/// The addresses of the interfaces that are up, getifaddrs(3). Empty when the system does not tell.
[[nodiscard]] std::vector<interface_address> own_addresses();

}  // namespace sdconnect
