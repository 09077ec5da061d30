/// \file
/// What is known about the endpoints of one service: what DNS said, and what connects learned.
#pragma once

#include "connect/race/address_memory.hpp"
#include "connect/race/silent_endpoints.hpp"
#include "sdconnect/balancer/balancer.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// Returns the first turn of the addresses of every endpoint (address_memory::begin_turns).
[[nodiscard]] std::uint64_t first_turn(std::uint64_t seed) noexcept;

/// Not thread safe, except for the balancer.
struct service_memory {
  using time_point = std::chrono::steady_clock::time_point;

  balancer balance;
  address_memory addresses;
  silent_endpoints silent;

  service_memory(const balancer_options& options, time_point now);

  /// Returns the order in which a connect tries the endpoints: that of the balancer, with silent
  /// endpoints behind the others of their priority.
  [[nodiscard]] attempt_plan plan(time_point now, std::optional<std::uint64_t> key = {}) {
    return shuffled(balance.plan(now, key), now);
  }
  /// Same, for a plan that the balancer has drawn already; drawing may call a user-defined policy.
  [[nodiscard]] attempt_plan shuffled(attempt_plan drawn, time_point now) const;
  /// Sets the current endpoints. Forgets failures of addresses that are no longer listed.
  void take(std::span<const endpoint> listed, time_point now);
  /// Same; shares the list with the balancer.
  void take(std::shared_ptr<const std::vector<endpoint>> listed, time_point now);
  /// Forgets all that was learned, because the network has changed.
  void reset_health(time_point now);
};

}  // namespace sdconnect::detail
