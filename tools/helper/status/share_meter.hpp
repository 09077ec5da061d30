/// \file
/// How far the picks of an endpoint are from what its share promised.
#pragma once

#include "sdconnect/balancer/balanced_endpoint.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace sdconnect::helper {

/// What an endpoint should have got of the picks that were counted.
struct share_expectation {
  double picks = 0;     ///< expected number
  double variance = 0;  ///< of that number

  /// Distance of `counted` from the expectation in standard deviations; 0 without any variance.
  [[nodiscard]] double deviation(std::uint64_t counted) const noexcept;
};

/// The endpoints of one service. Shares change with health, weights and DNS. So each interval
/// between two calls of update() counts with the shares at its start: n picks of the service mean
/// n·p expected picks of the endpoint, with the variance n·p·(1 - p).
class share_meter {
 public:
  /// Call it about once a second, and with each change of shares. Returns one expectation for each
  /// endpoint, in their order. An endpoint that is missing is forgotten.
  std::vector<share_expectation> update(std::span<const endpoint_status> endpoints);

 private:
  struct member {
    double share = 0;
    std::uint64_t picks = 0;
    share_expectation expected;
  };
  std::map<std::pair<name, std::uint16_t>, member> members_;
};

}  // namespace sdconnect::helper
