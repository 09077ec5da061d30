/// \file
/// Statistics of one endpoint, copied at one moment.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sdconnect {

/// Counters that threads write while they are read: each is right, but sums may differ by updates
/// in progress.
struct endpoint_stats {
  static constexpr std::size_t outcome_kinds = 10;
  static constexpr std::size_t latency_buckets = 32;

  std::uint64_t picks = 0;                              ///< number of uses given out; a bare pick() is not counted
  std::uint64_t in_flight = 0;                          ///< number of uses held now
  std::array<std::uint64_t, outcome_kinds> outcomes{};  ///< number of reports, by outcome_kind
  /// Connect times of the reports as connected: bucket 0 counts those below 1 us, bucket i those
  /// from 2^(i - 1) us to less than 2^i us; the last one also counts all longer times.
  std::array<std::uint64_t, latency_buckets> latency{};
  std::chrono::microseconds latency_sum{};
};

}  // namespace sdconnect
