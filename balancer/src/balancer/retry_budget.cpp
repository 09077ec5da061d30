#include "sdconnect/balancer/retry_budget.hpp"

#include <algorithm>

namespace sdconnect {

retry_budget::retry_budget(const retry_budget_options& options, time_point now) noexcept
    : share_(std::max(options.share, 0.0)), bucket_(options.floor_per_s, options.burst, now) {}

void retry_budget::on_request(time_point now) noexcept { bucket_.put(share_, now); }

bool retry_budget::try_retry(time_point now) noexcept { return bucket_.try_take(now); }

double retry_budget::balance(time_point now) const noexcept { return bucket_.tokens(now); }

}  // namespace sdconnect
