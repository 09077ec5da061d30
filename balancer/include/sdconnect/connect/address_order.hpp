/// \file
/// The order in which a connect tries the addresses of one endpoint. Does not use Asio.
#pragma once

#include "sdconnect/dns/endpoint.hpp"
#include "sdconnect/net/ip_address.hpp"

#include <cstdint>
#include <vector>

namespace sdconnect {

/// Returns the addresses in the order in which the first connect of a connector with this
/// balancer_options::seed tries them: the families alternate, IPv6 first (RFC 8305 §4), and `seed`
/// determines which address of each family comes first. Leaves out those that cannot be connected
/// to: ip_address::is_connectable, and link-local IPv6 addresses without a scope. For programs that
/// choose an endpoint without connecting to it.
[[nodiscard]] std::vector<ip_address> addresses_in_order(const endpoint& of, std::uint64_t seed);

}  // namespace sdconnect
