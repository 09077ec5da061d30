#include "sdconnect/balancer/endpoint_record.hpp"

#include "balancer/live/thread_row.hpp"

#include <algorithm>
#include <bit>

namespace sdconnect {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;

}  // namespace

std::uint64_t endpoint_record::in_flight() const noexcept {
  std::uint64_t sum = 0;
  for (const row& one : rows()) sum += one.in_flight.load();
  return sum;
}

std::chrono::microseconds endpoint_record::recent_latency() const noexcept {
  return std::chrono::microseconds(recent_latency_us_.load(relaxed));
}

endpoint_stats endpoint_record::stats() const noexcept {
  endpoint_stats sum;
  std::uint64_t latency_us = 0;
  for (const row& one : rows()) {
    sum.picks += one.picks.load(relaxed);
    sum.in_flight += one.in_flight.load(relaxed);
    latency_us += one.latency_sum_us.load(relaxed);
    for (std::size_t i = 0; i < sum.outcomes.size(); ++i) sum.outcomes[i] += one.outcomes[i].load(relaxed);
    for (std::size_t i = 0; i < sum.latency.size(); ++i) sum.latency[i] += one.latency[i].load(relaxed);
  }
  sum.latency_sum = std::chrono::microseconds(latency_us);
  return sum;
}

bool endpoint_record::is_draining() const noexcept { return is_draining_.load(); }

std::optional<endpoint_record::time_point> endpoint_record::drain_deadline() const noexcept {
  const time_point end{time_point::duration(drain_end_.load(relaxed))};
  return end == time_point::max() ? std::nullopt : std::optional(end);
}

void endpoint_record::count(outcome_kind outcome, std::chrono::microseconds latency) noexcept {
  row& own = rows_[detail::thread_row() & row_mask_];
  own.outcomes[static_cast<std::size_t>(outcome)].fetch_add(1, relaxed);
  if (outcome != outcome_kind::connected) return;

  const auto us = static_cast<std::uint64_t>(std::max<std::chrono::microseconds::rep>(latency.count(), 0));
  const std::size_t bucket = std::min<std::size_t>(std::bit_width(us), endpoint_stats::latency_buckets - 1);
  own.latency[bucket].fetch_add(1, relaxed);
  own.latency_sum_us.fetch_add(us, relaxed);

  // Losing an update to that of another thread does no harm: both are recent.
  constexpr std::uint64_t limit = std::uint32_t{1} << 31;
  const std::uint64_t latest = std::clamp<std::uint64_t>(us, 1, limit);
  const std::uint64_t before = recent_latency_us_.load(relaxed);
  recent_latency_us_.store(static_cast<std::uint32_t>(before == 0 ? latest : (before * 7 + latest) / 8), relaxed);
}

}  // namespace sdconnect
