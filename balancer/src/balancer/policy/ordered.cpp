#include "balancer/policy/policy_table.hpp"

#include <algorithm>

namespace sdconnect::detail {
namespace {

uint128 heaviest_first_choice_parts(const tier& from, std::span<std::uint64_t> parts) noexcept {
  const auto is_before = [&](const candidate& a, const candidate& b) {
    return is_listed_before(from.all[a.index], from.all[b.index]);
  };
  const auto first = std::min_element(from.candidates.begin(), from.candidates.end(), is_before);
  std::fill(parts.begin(), parts.end(), std::uint64_t{0});
  parts[static_cast<std::size_t>(first - from.candidates.begin())] = 1;
  return 1;
}

void keep_order(std::span<const candidate> candidates, order_pool&, random_engine&, std::span<std::uint32_t> order,
                std::vector<traced_draw>*) {
  std::ranges::transform(candidates.first(order.size()), order.begin(), &candidate::index);
}

}  // namespace

extern constexpr selection_rule ordered_rule{selection_policy::ordered, "ordered", heaviest_first_choice_parts,
                                             keep_order};

}  // namespace sdconnect::detail
