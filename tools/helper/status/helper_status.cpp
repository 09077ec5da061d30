#include "helper/status/helper_status.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sdconnect::helper {

std::string_view to_string(listener_kind kind) noexcept {
  switch (kind) {
    case listener_kind::forward: return "forward";
    case listener_kind::udp_forward: return "udp forward";
    case listener_kind::proxy: return "proxy";
  }
  return {};
}

double share_expectation::deviation(std::uint64_t counted) const noexcept {
  constexpr double least_variance = 1e-3;  // rounding, or a share that hardly ever gets a pick
  return variance < least_variance ? 0 : (static_cast<double>(counted) - picks) / std::sqrt(variance);
}

service_totals& service_totals::operator+=(const service_totals& other) noexcept {
  stats.picks += other.stats.picks;
  for (std::size_t i = 0; i < endpoint_stats::outcome_kinds; ++i) stats.outcomes[i] += other.stats.outcomes[i];
  for (std::size_t i = 0; i < endpoint_stats::latency_buckets; ++i) stats.latency[i] += other.stats.latency[i];
  stats.latency_sum += other.stats.latency_sum;
  octets_up += other.octets_up;
  octets_down += other.octets_down;
  return *this;
}

std::optional<std::chrono::microseconds> latency_quantile(const endpoint_stats& stats, double quantile) {
  const auto all = std::accumulate(stats.latency.begin(), stats.latency.end(), std::uint64_t{0});
  if (all == 0) return {};
  double left = std::max(1.0, quantile * static_cast<double>(all));
  std::size_t bucket = 0;
  while (bucket + 1 < stats.latency.size() && static_cast<double>(stats.latency[bucket]) < left) {
    left -= static_cast<double>(stats.latency[bucket++]);
  }
  const double upper = std::ldexp(1.0, static_cast<int>(bucket));  // in us
  const double lower = bucket == 0 ? 0 : upper / 2;
  const double part = left / static_cast<double>(std::max<std::uint64_t>(stats.latency[bucket], 1));
  return std::chrono::microseconds(std::llround(lower + (upper - lower) * std::min(part, 1.0)));
}

}  // namespace sdconnect::helper
