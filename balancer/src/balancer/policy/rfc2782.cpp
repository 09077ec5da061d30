#include "balancer/order/draws.hpp"
#include "balancer/policy/policy_table.hpp"

#include <algorithm>

namespace sdconnect::detail {
namespace {

/// With S the sum of the n weights, z of them zero: one draw in S + 1 is 0, and belongs to the zero
/// weights, or to all if there is none; the S other draws belong to the weights.
uint128 first_choice_parts(const tier& from, std::span<std::uint64_t> parts) noexcept {
  const std::span<const candidate> candidates = from.candidates;
  const std::uint64_t count = candidates.size();
  std::uint64_t sum = 0;  // no overflow: fewer than 2^32 candidates
  std::uint64_t zeros = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t weight = candidates[i].weight;
    sum += weight;
    zeros += weight == 0 ? 1 : 0;
    parts[i] = weight * count + 1;
  }
  // The common denominator is n (S + 1), as above, or z (S + 1) if there is a zero weight.
  if (zeros == 0) return (uint128{sum} + 1) * count;
  if (sum == 0) {
    std::fill(parts.begin(), parts.end(), std::uint64_t{1});
    return zeros;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t weight = candidates[i].weight;
    parts[i] = weight > 0 ? weight * zeros : 1;
  }
  return (uint128{sum} + 1) * zeros;
}

void draw_rfc2782_order(std::span<const candidate> candidates, order_pool& pool, random_engine& random,
                        std::span<std::uint32_t> order, std::vector<traced_draw>* steps) {
  draw_order(candidates, 0, pool, random, order, steps);
}

}  // namespace

extern constexpr selection_rule rfc2782_rule{selection_policy::rfc2782, "rfc2782", first_choice_parts,
                                             draw_rfc2782_order};

}  // namespace sdconnect::detail
