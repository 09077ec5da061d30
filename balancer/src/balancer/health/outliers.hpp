/// \file
/// Finds the endpoints whose success rate is far below that of the others.
#pragma once

#include "sdconnect/balancer/health_options.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// Reports about one endpoint in one interval.
struct attempt_tally {
  std::uint32_t id = 0;
  std::uint32_t attempts = 0;
  std::uint32_t successes = 0;
};

/// Returns the ids of the outliers, the worst first. Envoy's formula: below mean - deviations *
/// standard deviation (of the whole population) of the rates of the endpoints with enough attempts,
/// provided that there are enough of these endpoints.
[[nodiscard]] std::vector<std::uint32_t> find_outliers(std::span<const attempt_tally> tallies,
                                                       const health_options& options);

}  // namespace sdconnect::detail
