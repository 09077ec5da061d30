/// \file
/// The chance of each endpoint to be picked, from weights, health and the tiers that serve.
#pragma once

#include "balancer/snapshot/snapshot.hpp"

#include <cstdint>

namespace sdconnect::detail {

/// parts[i] / whole is the chance of position first + i; `parts` lie in snapshot_buffers.
struct chances {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  uint128 whole = 0;
};

/// One tier: the exact parts of the policy over what is usable, each times its thousandths of
/// weight. Several tiers, or policy `ordered`: the same to 2^-52. Policy `ordered` gives an
/// endpoint that is warming its share, and what is left to the next in order. REQUIRES: a tier that
/// serves.
[[nodiscard]] chances compute_chances(const snapshot_parts& from, selection_policy policy, snapshot_buffers& buffers);

}  // namespace sdconnect::detail
