/// \file
/// What is known of the endpoints of one service: what DNS said, and what connects learned.
#pragma once

#include "connect/race/address_memory.hpp"
#include "connect/race/silent_endpoints.hpp"
#include "sdconnect/balancer/balancer.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

namespace sdconnect::detail {

/// Not thread safe, but for the balancer.
struct service_memory {
  using time_point = std::chrono::steady_clock::time_point;

  balancer balance;
  address_memory addresses;
  silent_endpoints silent;

  service_memory(const balancer_options& options, time_point now) : balance(options, now) {}

  /// The order in which a connect tries the endpoints: the balancer's, with what is silent behind
  /// the others of its priority.
  [[nodiscard]] attempt_plan plan(time_point now, std::optional<std::uint64_t> key = {}) {
    return shuffled(balance.plan(now, key), now);
  }
  /// The same of a plan that the balancer has drawn, which may call a policy of the user's.
  [[nodiscard]] attempt_plan shuffled(attempt_plan drawn, time_point now) const;
  /// These are the endpoints now. Failures of addresses that are not listed any more are forgotten.
  void take(std::span<const endpoint> listed, time_point now);
  /// The network is another one: nothing that was learned holds.
  void reset_health(time_point now);
};

}  // namespace sdconnect::detail
