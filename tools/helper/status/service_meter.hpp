/// \file
/// Follows the counters of one service's endpoints: what they should have been, and their sums.
#pragma once

#include "helper/status/helper_status.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <tuple>

namespace sdconnect::helper {

/// Call update() about once a second, and with each change of shares. What an endpoint counted
/// after the last update before it left DNS is lost.
///
/// Shares change with health, weights and DNS. So each interval between two updates counts with the
/// shares at its start: n picks of the service mean n·p expected picks of the endpoint, with the
/// variance n·p·(1 - p).
class service_meter {
 public:
  /// Sets `expected` of each endpoint.
  void update(std::span<status_endpoint> endpoints);

  /// Never decrease, also when endpoints leave DNS.
  [[nodiscard]] const service_totals& totals() const noexcept { return totals_; }

 private:
  struct member {
    double share = 0;
    share_expectation expected;
    service_totals seen;
  };
  using key = std::tuple<std::uint16_t, name, std::uint16_t>;  // priority, target, port

  std::map<key, member> members_;
  service_totals totals_;
};

}  // namespace sdconnect::helper
