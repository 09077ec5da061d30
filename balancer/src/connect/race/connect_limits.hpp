/// \file
/// The limits that all connects of one connector share: retries, and attempts per second.
#pragma once

#include "sdconnect/balancer/attempt_limiter.hpp"
#include "sdconnect/balancer/retry_budget.hpp"

#include <chrono>
#include <optional>

namespace sdconnect::detail {

/// Not thread safe.
class connect_limits {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `retries` unset: every attempt is allowed.
  connect_limits(const std::optional<retry_budget_options>& retries, const attempt_limiter_options& rate,
                 time_point now);

  /// Records that a connect makes its first attempt.
  void on_request(time_point now) noexcept;
  /// Takes permission for one attempt after the first.
  [[nodiscard]] bool take_retry(time_point now) noexcept;
  /// Returns when the next attempt may start. Turns are given out first come, first served; an
  /// unused turn is lost. Returns nothing if the turn would come after `latest`.
  [[nodiscard]] std::optional<time_point> take_turn(time_point now, time_point latest) noexcept;

 private:
  std::optional<retry_budget> retries_;
  attempt_limiter limiter_;
  time_point last_turn_;
};

}  // namespace sdconnect::detail
