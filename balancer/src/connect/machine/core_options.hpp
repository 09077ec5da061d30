/// \file
/// The part of connector_options that a connector's core needs: all but the executor.
#pragma once

#include "connect/race/race_options.hpp"
#include "resolver/view/live_view.hpp"
#include "sdconnect/balancer/attempt_limiter.hpp"
#include "sdconnect/balancer/balancer_options.hpp"
#include "sdconnect/balancer/retry_budget.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

namespace sdconnect::detail {

struct core_options {
  race_options racing;  ///< each connect sets its own deadline
  balancer_options balancing;
  std::optional<retry_budget_options> retries;
  attempt_limiter_options rate;
  std::optional<std::uint64_t> key;
  view_options viewing;
  bool trace = false;
  std::size_t max_services = 0;
  std::function<bool(const name&, const endpoint&, const ip_address&)> admits = {};
};

}  // namespace sdconnect::detail
