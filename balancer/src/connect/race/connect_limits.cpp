#include "connect/race/connect_limits.hpp"

#include <algorithm>

namespace sdconnect::detail {

connect_limits::connect_limits(const std::optional<retry_budget_options>& retries, const attempt_limiter_options& rate,
                               time_point now)
    : limiter_(rate, now), last_turn_(now) {
  if (retries) retries_.emplace(*retries, now);
}

void connect_limits::on_request(time_point now) noexcept {
  if (retries_) retries_->on_request(now);
}

bool connect_limits::take_retry(time_point now) noexcept { return !retries_ || retries_->try_retry(now); }

// Asks the limiter at the time of the turn, not now: turns that were given out lie in the limiter's
// past.
std::optional<connect_limits::time_point> connect_limits::take_turn(time_point now, time_point latest) noexcept {
  const time_point after = std::max(now, last_turn_);
  const time_point turn = limiter_.next(after);
  if (turn > latest || !limiter_.try_attempt(turn)) return std::nullopt;
  last_turn_ = turn;
  return turn;
}

}  // namespace sdconnect::detail
