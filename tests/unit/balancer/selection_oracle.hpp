/// \file
/// The probabilities of RFC 2782 for each record, computed independently of the library.
#pragma once

#include "unit/balancer/enumerating_source.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sdconnect::test {

using weight_set = std::vector<std::uint32_t>;

/// The oracle for the first choice, as a formula.
inline chance first_choice_formula(const weight_set& weights, std::size_t i) {
  std::int64_t sum = 0, zeros = 0;
  const auto count = static_cast<std::int64_t>(weights.size());
  for (const std::uint32_t w : weights) {
    sum += w;
    zeros += w == 0;
  }
  if (sum == 0) return {1, count};
  if (zeros == 0) return (weights[i] + chance(1, count)) / (sum + 1);
  return weights[i] > 0 ? chance(weights[i], sum + 1) : chance(1, zeros * (sum + 1));
}

/// All sets of one to four weights up to 3 (their order has no effect), some of them shuffled, and
/// a few larger ones.
inline std::vector<weight_set> small_sets() {
  std::vector<weight_set> sets{{0, 10}, {10, 0}, {30, 10}, {1, 2, 0}, {2, 0, 1, 0}, {60, 20, 20}, {0, 7, 0, 5}};
  for (std::uint32_t a = 0; a <= 3; ++a) {
    sets.push_back({a});
    for (std::uint32_t b = a; b <= 3; ++b) {
      sets.push_back({a, b});
      for (std::uint32_t c = b; c <= 3; ++c) {
        sets.push_back({a, b, c});
        for (std::uint32_t d = c; d <= 3; ++d) sets.push_back({a, b, c, d});
      }
    }
  }
  return sets;
}

}  // namespace sdconnect::test
