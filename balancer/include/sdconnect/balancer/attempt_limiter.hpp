/// \file
/// How many connections may be attempted in a second.
#pragma once

#include "sdconnect/balancer/token_bucket.hpp"

#include <chrono>

namespace sdconnect {

struct attempt_limiter_options {
  double attempts_per_s = 0;  ///< 0: no limit
  double burst = 10;          ///< attempts that may be saved up, one at least; what a limiter begins with
};

/// Over any time t at most burst + attempts_per_s * t attempts are allowed. Not thread safe.
class attempt_limiter {
 public:
  using clock = std::chrono::steady_clock;
  using time_point = clock::time_point;

  explicit attempt_limiter(const attempt_limiter_options& options = {}, time_point now = clock::now()) noexcept;

  /// True, and one taken, when an attempt may be made now.
  [[nodiscard]] bool try_attempt(time_point now = clock::now()) noexcept;
  /// When try_attempt() will succeed, if nobody else attempts before; `now`: at once.
  [[nodiscard]] time_point next(time_point now = clock::now()) const noexcept;

 private:
  bool is_limited_;
  detail::token_bucket bucket_;
};

}  // namespace sdconnect
