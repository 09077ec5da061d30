#include "resolver/lookup/held_answers.hpp"

#include "net/base/saturating.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::detail {

void held_answers::remember(const question& q, lookup& fresh, time_point now, std::uint32_t random) {
  if (fresh.failure || !fresh.data) return;  // a failure has its own back-off
  const std::chrono::nanoseconds fifth = saturated<std::chrono::nanoseconds>(min_interval_) / 5;
  const std::chrono::nanoseconds drawn = fifth / 65536 * (random >> 16);
  const time_point end = later(fresh.received, min_interval_);
  const time_point first_allowed = pace_ == pace::on_time ? later(end, drawn) : end - fifth / 4 - drawn / 4 * 3;
  if (fresh.again_at >= first_allowed || first_allowed <= now) return;
  fresh.again_at = first_allowed;
  fresh.expires = std::max(fresh.expires, std::max(end, first_allowed));
  lookup kept = fresh;
  kept.from_cache = kept.report.from_cache = true;
  kept.report.attempts.clear();
  held_.insert_or_assign(q, entry{std::move(kept), first_allowed});
}

std::chrono::milliseconds held_answers::longest_interval() const noexcept {
  const auto end = std::chrono::milliseconds::max() - min_interval_ / 5;
  return pace_ == pace::on_time && min_interval_ <= end ? min_interval_ + min_interval_ / 5 : min_interval_;
}

const lookup* held_answers::find(const question& q, time_point now) const {
  const auto found = held_.find(q);
  return found == held_.end() || now >= found->second.until ? nullptr : &found->second.kept;
}

void held_answers::remove_expired(time_point now) {
  std::erase_if(held_, [now](const auto& held) { return now >= held.second.until; });
}

}  // namespace sdconnect::detail
