/// \file
/// The probability of each endpoint to be picked, from weights, health and the tiers that serve.
#pragma once

#include "balancer/snapshot/snapshot.hpp"

#include <cstdint>

namespace sdconnect::detail {

/// parts[i] / whole is the probability of position first + i; `parts` is in snapshot_buffers.
struct chances {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  uint128 whole = 0;
};

/// One tier: the exact parts of the policy over the usable endpoints, each times its thousandths of
/// weight. Several tiers, or policy `ordered`: the same to 2^-52. Policy `ordered` gives a warming
/// endpoint its share, and the rest to the next in order. REQUIRES: a tier that serves.
[[nodiscard]] chances compute_chances(const snapshot_parts& from, selection_policy policy, snapshot_buffers& buffers);

}  // namespace sdconnect::detail
