/// \file
/// Limits the number of connection attempts per second.
#pragma once

#include "sdconnect/balancer/token_bucket.hpp"

#include <chrono>

namespace sdconnect {

struct attempt_limiter_options {
  double attempts_per_s = 0;  ///< 0: no limit
  double burst = 10;          ///< attempts that may be saved up, at least 1; a new limiter starts with this many
};

/// Allows at most burst + attempts_per_s * t attempts in any time t. Not thread safe.
class attempt_limiter {
 public:
  using clock = std::chrono::steady_clock;
  using time_point = clock::time_point;

  explicit attempt_limiter(const attempt_limiter_options& options = {}, time_point now = clock::now()) noexcept;

  /// Returns true, and takes one attempt, if an attempt is allowed now.
  [[nodiscard]] bool try_attempt(time_point now = clock::now()) noexcept;
  /// Time at which try_attempt() succeeds if no other attempt is made before; `now`: at once.
  [[nodiscard]] time_point next(time_point now = clock::now()) const noexcept;

 private:
  bool is_limited_;
  detail::token_bucket bucket_;
};

}  // namespace sdconnect
