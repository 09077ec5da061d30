/// \file
/// The parts of policy `weighted`, which other policies use where they know no load or no key.
#pragma once

#include "balancer/policy/policy_table.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// Parts w of S; if all weights are zero, 1 of n.
[[nodiscard]] uint128 weighted_first_choice_parts(const tier& from, std::span<std::uint64_t> parts) noexcept;

void draw_weighted_order(std::span<const candidate> candidates, order_pool& pool, random_engine& random,
                         std::span<std::uint32_t> order, std::vector<traced_draw>* steps);

}  // namespace sdconnect::detail
