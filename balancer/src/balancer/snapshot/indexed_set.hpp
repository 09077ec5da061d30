/// \file
/// The latest set from DNS, prepared for choosing: everything that a change of health does not
/// affect.
#pragma once

#include "balancer/order/candidate.hpp"
#include "sdconnect/balancer/balanced_endpoint.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// The endpoints of one priority, which are adjacent in the set.
struct tier_range {
  std::uint16_t priority = 0;
  std::uint32_t first = 0;  ///< index into the set
  std::uint32_t last = 0;   ///< one past the end
  std::uint32_t first_candidate = 0;
  std::uint32_t last_candidate = 0;
};

/// Immutable. A position is an index into `endpoints`.
struct indexed_set {
  static constexpr std::uint32_t npos = std::numeric_limits<std::uint32_t>::max();

  endpoint_set endpoints;
  std::vector<candidate> candidates;      ///< those that can be tried, in the order of the set; index: position
  std::vector<tier_range> tiers;          ///< lowest priority first
  std::vector<bool> can_be_tried;         ///< by position: is_usable
  std::vector<std::uint32_t> tier_of;     ///< by position
  std::vector<std::uint32_t> health_ids;  ///< by position
  std::vector<std::uint32_t> next_same;   ///< the next position with the same health, or npos
  std::vector<std::uint64_t> identities;  ///< policy hash: endpoint_identity by position; otherwise empty

  [[nodiscard]] std::span<const candidate> candidates_of(const tier_range& tier) const noexcept {
    return std::span(candidates).subspan(tier.first_candidate, tier.last_candidate - tier.first_candidate);
  }
};

/// Fills in everything except `health_ids` and `next_same`. REQUIRES: endpoints in the order of
/// is_listed_before.
[[nodiscard]] indexed_set index_endpoints(endpoint_set endpoints, bool needs_identities);

}  // namespace sdconnect::detail
