#include "connect/race/silent_endpoints.hpp"

#include "dns/message/end_of_tier.hpp"

#include <algorithm>
#include <cstdint>

namespace sdconnect::detail {

void silent_endpoints::end(const endpoint_record& at, time_point head_start_end) {
  attempts_.erase(attempts_.find({&at, head_start_end}));
}

bool silent_endpoints::is_silent(const endpoint_record& at, time_point now) const {
  const auto first = attempts_.lower_bound({&at, time_point::min()});
  return first != attempts_.end() && first->first == &at && first->second <= now;
}

void silent_endpoints::put_last(attempt_plan& plan, time_point now) const {
  if (attempts_.empty()) return;
  const endpoint_set& set = *plan.set;
  const auto end = plan.order.begin() + static_cast<std::ptrdiff_t>(plan.usable);
  for (auto first = plan.order.begin(); first != end;) {
    const auto last = end_of_tier(first, end, [&](std::uint32_t index) { return set[index].where.priority; });
    std::stable_partition(first, last, [&](std::uint32_t index) { return !is_silent(*set[index].record, now); });
    first = last;
  }
}

}  // namespace sdconnect::detail
