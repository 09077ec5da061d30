#include "balancer/policy/weighted.hpp"

#include "balancer/order/draws.hpp"

#include <algorithm>

namespace sdconnect::detail {

uint128 weighted_first_choice_parts(const tier& from, std::span<std::uint64_t> parts) noexcept {
  uint128 sum = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i] = from.candidates[i].weight;
    sum += parts[i];
  }
  if (sum > 0) return sum;
  std::fill(parts.begin(), parts.end(), std::uint64_t{1});
  return parts.size();
}

void draw_weighted_order(std::span<const candidate> candidates, order_pool& pool, random_engine& random,
                         std::span<std::uint32_t> order, std::vector<traced_draw>* steps) {
  draw_order(candidates, 1, pool, random, order, steps);
}

extern constexpr selection_rule weighted_rule{selection_policy::weighted, "weighted", weighted_first_choice_parts,
                                              draw_weighted_order};

}  // namespace sdconnect::detail
