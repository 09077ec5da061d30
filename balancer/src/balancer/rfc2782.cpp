#include "balancer/draws.hpp"
#include "balancer/policy_table.hpp"

#include <algorithm>

namespace sdconnect::detail {
namespace {

/// With S the sum of the n weights, z of them zero. A draw of 0, one in S + 1, is shared by the zero weights, or by all
/// when there is none; the S others belong to the weights.
uint128 first_choice_parts(const tier& from, std::span<std::uint64_t> parts) noexcept {
  const std::span<const candidate> candidates = from.candidates;
  std::uint64_t sum = 0;  // fewer than 2^32 candidates
  std::uint64_t zeros = 0;
  for (const candidate& c : candidates) {
    sum += c.weight;
    zeros += c.weight == 0 ? 1 : 0;
  }
  if (sum == 0) {
    std::fill(parts.begin(), parts.end(), std::uint64_t{1});
    return zeros;
  }

  // Brought to a common denominator: z (S + 1), or n (S + 1) when there is no zero weight.
  if (zeros == 0) {
    const std::uint64_t count = candidates.size();
    for (std::size_t i = 0; i < count; ++i) parts[i] = candidates[i].weight * count + 1;
    return (uint128{sum} + 1) * count;
  }
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const std::uint64_t weight = candidates[i].weight;
    parts[i] = weight > 0 ? weight * zeros : 1;
  }
  return (uint128{sum} + 1) * zeros;
}

}  // namespace

constexpr selection_rule rfc2782_rule{selection_policy::rfc2782, "rfc2782", first_choice_parts,
                                      draw_order<rfc2782_draw>};

}  // namespace sdconnect::detail
