#include "balancer/draws.hpp"
#include "balancer/policy_table.hpp"

#include <algorithm>

namespace sdconnect::detail {
namespace {

uint128 first_choice_parts(const tier& from, std::span<std::uint64_t> parts) noexcept {
  uint128 sum = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i] = from.candidates[i].weight;
    sum += parts[i];
  }
  if (sum > 0) return sum;
  std::fill(parts.begin(), parts.end(), std::uint64_t{1});
  return parts.size();
}

}  // namespace

constexpr selection_rule weighted_rule{selection_policy::weighted, "weighted", first_choice_parts,
                                       draw_order<weighted_draw>};

}  // namespace sdconnect::detail
