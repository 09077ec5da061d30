/// \file
/// When an endpoint counts as down, for how long, and how it comes back.
#pragma once

#include <chrono>
#include <cstdint>

namespace sdconnect {

/// The defaults are those of Envoy and HAProxy where these have one. Counts of 0 count as 1,
/// negative times as 0, times longer than a year as a year; so max() effectively means never.
struct health_options {
  static constexpr std::chrono::milliseconds greatest_time = std::chrono::hours(24 * 365);

  // Failures of attempts. The first one demotes the endpoint at once, however many endpoints
  // refuse: a demoted endpoint is tried last. Its next trial is after `first_demotion`, doubled
  // with each failure, until `fall` failures in a row.
  std::chrono::milliseconds first_demotion{1000};
  std::uint32_t fall = 3;  ///< consecutive failures, of attempts or of probes, that eject
  std::uint32_t rise = 2;  ///< consecutive good probes that bring back an endpoint that probes took out
  /// Number of consecutive overtakes before an endpoint counts as down; one overtake may be a
  /// single lost SYN. If one SYN in a hundred is lost, a value of 1 would keep each busy endpoint
  /// out of use most of the time.
  std::uint32_t overtaken_fall = 2;
  /// An endpoint that refuses, or is silent for a whole attempt, this soon after it came back had
  /// not recovered: the row of failures continues in spite of the success. Otherwise an endpoint
  /// that is up and down every second would never be ejected.
  std::chrono::milliseconds relapse{10'000};
  bool silent_close_is_failure = false;

  // Ejection: the nth one lasts n times `base_ejection`. An endpoint that stays healthy for as long
  // as that is forgiven one.
  std::chrono::milliseconds base_ejection{30'000};
  std::chrono::milliseconds max_ejection{300'000};
  /// Demotions, ejections and intervals are randomized by up to this share in both directions, so
  /// that clients that failed together do not come back together.
  double jitter = 0.2;

  // Outliers by success rate (Envoy's outlier detection): those below the mean by more than
  // `outlier_deviations` standard deviations, among the endpoints with enough attempts in the
  // interval.
  bool detect_outliers = true;
  std::chrono::milliseconds outlier_interval{10'000};
  std::uint32_t outlier_least_attempts = 100;  ///< attempts in the interval that an endpoint needs to be judged
  std::uint32_t outlier_least_endpoints = 5;   ///< endpoints with that many attempts that are needed to judge any
  double outlier_deviations = 1.9;
  /// Minimum distance below the mean: otherwise, among endpoints without any failure, the first
  /// failure would make an outlier (Envoy: 0).
  double outlier_least_gap = 0.05;
  /// Maximum share of the endpoints, for outliers only; at least one endpoint is always kept.
  double max_ejected_share = 0.5;

  /// After an endpoint was down, its weight grows over this time from a tenth to the full weight,
  /// in steps of a tenth. 0: full weight at once.
  std::chrono::milliseconds slow_start{10'000};
};

}  // namespace sdconnect
