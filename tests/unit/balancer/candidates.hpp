/// \file
/// The input of a draw.
#pragma once

#include "balancer/order/candidate.hpp"
#include "unit/balancer/selection_oracle.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace sdconnect::test {

/// Candidates with the zero weights last.
inline std::vector<detail::candidate> candidates_of(const weight_set& weights) {
  std::vector<detail::candidate> candidates;
  for (std::uint32_t i = 0; i < weights.size(); ++i) candidates.push_back({i, weights[i]});
  std::stable_partition(candidates.begin(), candidates.end(), [](const detail::candidate& c) { return c.weight > 0; });
  return candidates;
}

}  // namespace sdconnect::test
