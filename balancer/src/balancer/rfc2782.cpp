#include "balancer/draws.hpp"
#include "balancer/policy_table.hpp"

#include <algorithm>

namespace sdconnect::detail {
namespace {

/// With S the sum of the n weights, z of them zero. A draw of 0, one in S + 1, is shared by the zero weights, or by all
/// when there is none; the S others belong to the weights.
uint128 first_choice_parts(const tier& from, std::span<std::uint64_t> parts) noexcept {
  const std::span<const candidate> candidates = from.candidates;
  uint128 sum = 0;
  std::uint64_t zeros = 0;
  for (const candidate& c : candidates) {
    sum += c.weight;
    zeros += c.weight == 0 ? 1U : 0U;
  }
  if (sum == 0) {
    std::fill(parts.begin(), parts.end(), std::uint64_t{1});
    return zeros;
  }

  // Brought to a common denominator: z (S + 1), or n (S + 1) when there is no zero weight.
  const std::uint64_t sharers = zeros > 0 ? zeros : candidates.size();
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const bool shares_draw_of_zero = zeros == 0 || candidates[i].weight == 0;
    parts[i] = candidates[i].weight * sharers + (shares_draw_of_zero ? 1U : 0U);
  }
  return sharers * (sum + 1);
}

}  // namespace

constexpr selection_rule rfc2782_rule{selection_policy::rfc2782, "rfc2782", first_choice_parts,
                                      draw_order<rfc2782_draw>};

}  // namespace sdconnect::detail
