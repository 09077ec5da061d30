#include "bench/fleet/meters.hpp"

#include <algorithm>
#include <cmath>

namespace sdconnect::bench {

fleet_meters::second_row& fleet_meters::row(sim_time now) {
  const auto second = static_cast<std::size_t>(std::chrono::floor<std::chrono::seconds>(now - start_).count());
  while (rows_.size() <= second) {
    rows_.emplace_back();
    rows_.back().attempts.resize(endpoints_);
    rows_.back().connected.resize(endpoints_);
  }
  return rows_[second];
}

void fleet_meters::count_connected(std::size_t endpoint, std::size_t group, sim_duration took, sim_time now) {
  second_row& in = row(now);
  ++in.connected[endpoint];
  const double us = std::chrono::duration<double, std::micro>(took).count();
  const double bucket = us > 1 ? std::ceil(4 * std::log2(us)) : 0;
  ++in.latency[group][std::min(static_cast<std::size_t>(bucket), latency_buckets - 1)];
}

std::uint64_t fleet_meters::sum(std::uint32_t fleet_second::*what, window in) const {
  std::uint64_t total = 0;
  for (std::size_t s = in.from; s < std::min(in.to, rows_.size()); ++s) total += rows_[s].counts.*what;
  return total;
}

std::uint32_t fleet_meters::peak(std::uint32_t fleet_second::*what, window in) const {
  std::uint32_t highest = 0;
  for (std::size_t s = in.from; s < std::min(in.to, rows_.size()); ++s) {
    highest = std::max(highest, rows_[s].counts.*what);
  }
  return highest;
}

std::uint64_t fleet_meters::attempts_at(std::size_t endpoint, window in) const {
  std::uint64_t total = 0;
  for (std::size_t s = in.from; s < std::min(in.to, rows_.size()); ++s) total += rows_[s].attempts[endpoint];
  return total;
}

std::uint64_t fleet_meters::connected_to(std::size_t endpoint, window in) const {
  std::uint64_t total = 0;
  for (std::size_t s = in.from; s < std::min(in.to, rows_.size()); ++s) total += rows_[s].connected[endpoint];
  return total;
}

double fleet_meters::share_of(std::span<const std::size_t> endpoints, window in) const {
  std::uint64_t all = 0, these = 0;
  for (std::size_t e = 0; e < endpoints_; ++e) all += connected_to(e, in);
  for (const std::size_t e : endpoints) these += connected_to(e, in);
  return all == 0 ? 0 : static_cast<double>(these) / static_cast<double>(all);
}

double fleet_meters::attempt_share_of(std::span<const std::size_t> endpoints, window in) const {
  const std::uint64_t all = sum(&fleet_second::attempts, in);
  std::uint64_t these = 0;
  for (const std::size_t e : endpoints) these += attempts_at(e, in);
  return all == 0 ? 0 : static_cast<double>(these) / static_cast<double>(all);
}

std::uint64_t fleet_meters::peak_connected(window in) const {
  std::uint32_t highest = 0;
  for (std::size_t s = in.from; s < std::min(in.to, rows_.size()); ++s) {
    highest = std::max(highest, *std::ranges::max_element(rows_[s].connected));
  }
  return highest;
}

double fleet_meters::percentile(double part, window in, std::size_t group) const {
  histogram merged{};
  std::uint64_t all = 0;
  for (std::size_t s = in.from; s < std::min(in.to, rows_.size()); ++s) {
    for (std::size_t g = 0; g < groups; ++g) {
      if (group != groups && g != group) continue;
      for (std::size_t b = 0; b < latency_buckets; ++b) {
        merged[b] += rows_[s].latency[g][b];
        all += rows_[s].latency[g][b];
      }
    }
  }
  const double wanted = part * static_cast<double>(all);
  double within = 0;
  for (std::size_t b = 0; b < latency_buckets; ++b) {
    within += merged[b];
    if (within >= wanted && within > 0) return std::exp2(static_cast<double>(b) / 4) / 1000;
  }
  return 0;
}

}  // namespace sdconnect::bench
