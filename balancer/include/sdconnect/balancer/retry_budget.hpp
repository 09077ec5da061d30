/// \file
/// Limits retries, so that clients do not make an outage worse.
#pragma once

#include "sdconnect/balancer/token_bucket.hpp"

#include <chrono>

namespace sdconnect {

struct retry_budget_options {
  double share = 0.2;       ///< retries allowed for each request
  double floor_per_s = 10;  ///< minimum number of retries allowed per second, where the share gives less
  double burst = 100;       ///< retries that may be saved up; a new budget starts with this many
};

/// A token bucket (Finagle's RetryBudget; gRFC A6): requests or time fill it, whichever gives more
/// from one request to the next, and retries empty it. Over any time t with n requests, at most
/// burst + share * n + floor_per_s * t retries are allowed; at a steady rate, burst + max(share *
/// n, floor_per_s * t). Not thread safe.
class retry_budget {
 public:
  using clock = std::chrono::steady_clock;
  using time_point = clock::time_point;

  explicit retry_budget(const retry_budget_options& options = {}, time_point now = clock::now()) noexcept;

  /// Counts a first attempt, which is always allowed.
  void on_request(time_point now = clock::now()) noexcept;
  /// Returns true, and takes one retry, if one more attempt is allowed.
  [[nodiscard]] bool try_retry(time_point now = clock::now()) noexcept;
  /// Number of retries saved up.
  [[nodiscard]] double balance(time_point now = clock::now()) const noexcept;

 private:
  double share_;
  double floor_per_s_;
  time_point last_request_;
  detail::token_bucket bucket_;
};

}  // namespace sdconnect
