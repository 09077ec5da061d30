/// \file
/// Where a service runs: discovery returns endpoints, and the balancer chooses among them.
#pragma once

#include "sdconnect/dns/name.hpp"
#include "sdconnect/net/ip_address.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

namespace sdconnect {

/// One (target, port) in one priority tier.
struct endpoint {
  name target;
  std::uint16_t port = 0;
  std::uint16_t priority = 0;         ///< lower is tried first
  std::uint32_t weight = 0;           ///< wider than on the wire, because merged records add up
  std::vector<ip_address> addresses;  ///< in the order received; empty if the target could not be resolved
  std::vector<name> instances;        ///< service instances whose SRV records name this endpoint
  std::chrono::seconds ttl{};         ///< lowest TTL of the records it was made from
  error_code unresolved;              ///< why `addresses` is empty
};

/// Identifies an endpoint across answers, whatever its priority and weight. Health, counters and
/// connection attempts belong to this key.
[[nodiscard]] inline std::tuple<const name&, const std::uint16_t&> endpoint_key(const endpoint& e) noexcept {
  return {e.target, e.port};
}

/// Stable order for output: priority, weight descending, target, port. A strict weak order.
[[nodiscard]] bool is_listed_before(const endpoint& a, const endpoint& b) noexcept;

/// Merges endpoints with the same (priority, target, port): adds the weights, unites addresses and
/// instances, takes the lowest TTL. Returns them in the order of is_listed_before. Weights saturate
/// at 2^32 - 1. O(n log n).
[[nodiscard]] std::vector<endpoint> merge_endpoints(std::vector<endpoint> endpoints);

/// Returns the priority tiers of a list, lowest priority first. REQUIRES: the list is in the order of
/// is_listed_before.
[[nodiscard]] std::vector<std::span<const endpoint>> tiers_of(std::span<const endpoint> endpoints);

}  // namespace sdconnect
