/// \file
/// The sets that the selection benchmark chooses from, and how well choices follow their shares.
#pragma once

#include "sdconnect/balancer/selection.hpp"
#include "sdconnect/net/random.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect::bench {

/// Weights like those of real sets: 1 to 100, every tenth ten times as high. Sorted like
/// merge_endpoints.
inline std::vector<endpoint> make_endpoints(std::size_t count) {
  random_engine random(1);
  std::vector<endpoint> endpoints(count);
  for (std::size_t i = 0; i < count; ++i) {
    endpoints[i].target = name::from_text("host" + std::to_string(i) + ".example.com.").value();
    endpoints[i].port = 80;
    endpoints[i].weight = static_cast<std::uint32_t>((1 + uniform_below(random, 100)) * (i % 10 == 9 ? 10 : 1));
  }
  return merge_endpoints(std::move(endpoints));
}

inline std::vector<std::uint32_t> weights_of(std::span<const endpoint> endpoints) {
  std::vector<std::uint32_t> weights;
  for (const endpoint& e : endpoints) weights.push_back(e.weight);
  return weights;
}

/// Pearson's statistic per degree of freedom: near 1 is right, far below 1 is more even than
/// random.
inline double chi_square_per_freedom(std::span<const std::uint64_t> counts, std::span<const double> shares) {
  if (counts.size() < 2) return 1;
  double total = 0, statistic = 0;
  for (const std::uint64_t count : counts) total += static_cast<double>(count);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double expected = shares[i] * total;
    statistic += std::pow(static_cast<double>(counts[i]) - expected, 2) / expected;
  }
  return statistic / static_cast<double>(counts.size() - 1);
}

}  // namespace sdconnect::bench
