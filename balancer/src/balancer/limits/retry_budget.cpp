#include "sdconnect/balancer/retry_budget.hpp"

#include <algorithm>

namespace sdconnect {

retry_budget::retry_budget(const retry_budget_options& options, time_point now) noexcept
    : share_(std::max(options.share, 0.0)),
      floor_per_s_(std::max(options.floor_per_s, 0.0)),
      last_request_(now),
      bucket_(options.floor_per_s, options.burst, now) {}

// The floor is not added to the share: tokens that time gave since the previous request count
// towards the share of this one.
void retry_budget::on_request(time_point now) noexcept {
  const double given = floor_per_s_ * std::chrono::duration<double>(now - last_request_).count();
  bucket_.put(std::clamp(share_ - given, 0.0, share_), now);
  last_request_ = std::max(last_request_, now);
}

bool retry_budget::try_retry(time_point now) noexcept { return bucket_.try_take(now); }

double retry_budget::balance(time_point now) const noexcept { return bucket_.tokens(now); }

}  // namespace sdconnect
