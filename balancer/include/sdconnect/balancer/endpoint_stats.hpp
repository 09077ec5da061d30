/// \file
/// What was counted of one endpoint, copied at one moment.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sdconnect {

/// Counters that threads write while they are read: each is right, their sums may differ by what is
/// under way.
struct endpoint_stats {
  static constexpr std::size_t outcome_kinds = 10;
  static constexpr std::size_t latency_buckets = 32;

  std::uint64_t picks = 0;                              ///< uses given out; a bare pick() is not counted
  std::uint64_t in_flight = 0;                          ///< uses held now
  std::array<std::uint64_t, outcome_kinds> outcomes{};  ///< reported, by outcome_kind
  /// Of what was reported as connected: bucket 0 counts what took less than 1 us, bucket i what
  /// took less than 2^i us and no less than 2^(i - 1) us, the last one also all that took longer.
  std::array<std::uint64_t, latency_buckets> latency{};
  std::chrono::microseconds latency_sum{};
};

}  // namespace sdconnect
