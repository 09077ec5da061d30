/// \file
/// Where a service runs, as discovery delivers it and the balancer chooses from it.
#pragma once

#include "sdconnect/dns/name.hpp"
#include "sdconnect/net/ip_address.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

namespace sdconnect {

/// One (target, port) of one priority tier.
struct endpoint {
  name target;
  std::uint16_t port = 0;
  std::uint16_t priority = 0;         ///< lower is tried first
  std::uint32_t weight = 0;           ///< wider than on the wire: merged records add up
  std::vector<ip_address> addresses;  ///< in the order received; empty when the target could not be resolved
  std::vector<name> instances;        ///< the service instances whose SRV records led here
  std::chrono::seconds ttl{};         ///< the lowest of the records it was made from
  error_code unresolved;              ///< why `addresses` is empty
};

/// What makes an endpoint the same one in another answer, whatever its priority and weight: its
/// health, its counters and its attempts belong to this key.
[[nodiscard]] inline std::tuple<const name&, const std::uint16_t&> endpoint_key(const endpoint& e) noexcept {
  return {e.target, e.port};
}

/// The stable order of output: priority, weight descending, target, port. A strict weak order.
[[nodiscard]] bool is_listed_before(const endpoint& a, const endpoint& b) noexcept;

/// Joins what names the same (priority, target, port): weights add up, addresses and instances
/// unite, the lowest TTL wins. The result is in the order of is_listed_before. Weights that no
/// longer fit stop at 2^32 - 1. O(n log n).
[[nodiscard]] std::vector<endpoint> merge_endpoints(std::vector<endpoint> endpoints);

/// The priority tiers of a list, the lowest priority first. REQUIRES: the order of is_listed_before.
[[nodiscard]] std::vector<std::span<const endpoint>> tiers_of(std::span<const endpoint> endpoints);

}  // namespace sdconnect
