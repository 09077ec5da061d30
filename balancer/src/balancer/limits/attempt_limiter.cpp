#include "sdconnect/balancer/attempt_limiter.hpp"

#include <algorithm>

namespace sdconnect {

attempt_limiter::attempt_limiter(const attempt_limiter_options& options, time_point now) noexcept
    : is_limited_(options.attempts_per_s > 0), bucket_(options.attempts_per_s, std::max(options.burst, 1.0), now) {}

bool attempt_limiter::try_attempt(time_point now) noexcept { return !is_limited_ || bucket_.try_take(now); }

attempt_limiter::time_point attempt_limiter::next(time_point now) const noexcept {
  return is_limited_ ? bucket_.next(now) : now;
}

}  // namespace sdconnect
