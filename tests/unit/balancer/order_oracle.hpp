/// \file
/// Full orders by the text of RFC 2782, each with its exact probability.
#pragma once

#include "unit/balancer/enumerating_source.hpp"
#include "unit/balancer/selection_oracle.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <vector>

namespace sdconnect::test {

using order = std::vector<std::uint32_t>;
using distribution = std::map<order, chance>;

/// Follows the text of RFC 2782 word by word, independent of how the library draws: for each choice
/// every shuffle with the zero weights first, for each shuffle every number from 0 to the sum.
inline void follow_rfc2782(const weight_set& weights, const order& unordered, const order& so_far, chance of_this,
                           distribution& chances) {
  if (unordered.empty()) {
    chances[so_far] += of_this;
    return;
  }
  order shuffle = unordered;
  std::sort(shuffle.begin(), shuffle.end());
  std::vector<order> shuffles;
  do {
    const auto is_zero = [&](std::uint32_t i) { return weights[i] == 0; };
    if (std::is_partitioned(shuffle.begin(), shuffle.end(), is_zero)) shuffles.push_back(shuffle);
  } while (std::next_permutation(shuffle.begin(), shuffle.end()));

  std::map<std::uint32_t, chance> selected;
  for (const order& shuffled : shuffles) {
    std::int64_t sum = 0;
    for (const std::uint32_t i : shuffled) sum += weights[i];
    for (std::int64_t number = 0; number <= sum; ++number) {
      std::int64_t running = 0;
      const auto is_selected = [&](std::uint32_t i) { return (running += weights[i]) >= number; };
      const std::uint32_t first = *std::find_if(shuffled.begin(), shuffled.end(), is_selected);
      selected[first] += chance(1, (sum + 1) * static_cast<std::int64_t>(shuffles.size()));
    }
  }
  for (const auto& [i, its_chance] : selected) {
    order rest = unordered, longer = so_far;
    rest.erase(std::find(rest.begin(), rest.end(), i));
    longer.push_back(i);
    follow_rfc2782(weights, rest, longer, of_this * its_chance, chances);
  }
}

inline distribution rfc2782_orders(const weight_set& weights) {
  order all(weights.size());
  std::iota(all.begin(), all.end(), 0U);
  distribution chances;
  follow_rfc2782(weights, all, {}, 1, chances);
  return chances;
}

/// Proportional draws, the zero weights last in any order.
inline void follow_weights(const weight_set& weights, const order& unordered, const order& so_far, chance of_this,
                           distribution& chances) {
  if (unordered.empty()) {
    chances[so_far] += of_this;
    return;
  }
  std::int64_t sum = 0;
  for (const std::uint32_t i : unordered) sum += weights[i];
  for (const std::uint32_t i : unordered) {
    if (sum > 0 && weights[i] == 0) continue;
    order rest = unordered, longer = so_far;
    rest.erase(std::find(rest.begin(), rest.end(), i));
    longer.push_back(i);
    const chance its_chance =
        sum > 0 ? chance(weights[i], sum) : chance(1, static_cast<std::int64_t>(unordered.size()));
    follow_weights(weights, rest, longer, of_this * its_chance, chances);
  }
}

inline distribution weighted_orders(const weight_set& weights) {
  order all(weights.size());
  std::iota(all.begin(), all.end(), 0U);
  distribution chances;
  follow_weights(weights, all, {}, 1, chances);
  return chances;
}

}  // namespace sdconnect::test
