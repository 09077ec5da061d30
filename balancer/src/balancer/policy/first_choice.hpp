/// \file
/// Exact probabilities of the first choice, for first_choice_shares and the picker.
#pragma once

#include "balancer/policy/policy_table.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// parts[i] / whole is the probability of endpoint i. `parts` is empty if nothing is usable.
struct exact_shares {
  std::vector<std::uint64_t> parts;
  uint128 whole = 0;
};

[[nodiscard]] exact_shares first_choice_parts(std::span<const endpoint> endpoints, selection_policy policy);

}  // namespace sdconnect::detail
