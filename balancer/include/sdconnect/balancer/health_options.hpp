/// \file
/// When an endpoint counts as down, for how long, and how it comes back.
#pragma once

#include <chrono>
#include <cstdint>

namespace sdconnect {

/// The defaults are those of Envoy and HAProxy where these have one. Counts of 0 serve as 1,
/// negative times as 0, longer ones than a year as a year, so that max() is as good as never.
struct health_options {
  static constexpr std::chrono::milliseconds greatest_time = std::chrono::hours(24 * 365);

  // Failures of attempts. The first one demotes at once, however many endpoints refuse: a demoted
  // endpoint is tried last. It gets its next trial after `first_demotion`, doubled with each
  // failure, until `fall` failures in a row.
  std::chrono::milliseconds first_demotion{1000};
  std::uint32_t fall = 3;  ///< consecutive failures, of attempts or of probes, that eject
  std::uint32_t rise = 2;  ///< consecutive good probes that bring back what probes took out
  /// To be overtaken may be one lost SYN: so often in a row demotes. With one in a hundred lost and
  /// 1 here, each busy endpoint would be out of use most of the time.
  std::uint32_t overtaken_fall = 2;
  /// Whoever refuses, or is silent for a whole attempt, this soon after it came back was never
  /// well: the row of failures goes on in spite of the success. Otherwise one that is up and down
  /// by the second would never be ejected.
  std::chrono::milliseconds relapse{10'000};
  bool silent_close_is_failure = false;

  // Ejection: the nth one lasts n times the base. An endpoint that stays well as long as that is
  // forgiven one.
  std::chrono::milliseconds base_ejection{30'000};
  std::chrono::milliseconds max_ejection{300'000};
  /// Demotions, ejections and intervals are drawn from this share above or below, so that clients
  /// that failed together do not come back together.
  double jitter = 0.2;

  // Outliers by success rate (Envoy's outlier detection): worse than the mean by
  // `outlier_deviations` standard deviations, among those with enough attempts in the interval.
  bool detect_outliers = true;
  std::chrono::milliseconds outlier_interval{10'000};
  std::uint32_t outlier_least_attempts = 100;  ///< of an endpoint in the interval, to be judged
  std::uint32_t outlier_least_endpoints = 5;   ///< with that many attempts, to judge any
  double outlier_deviations = 1.9;
  /// And that far below the mean at least: among those without any failure the first one would be
  /// an outlier (Envoy: 0).
  double outlier_least_gap = 0.05;
  double max_ejected_share = 0.5;  ///< of the endpoints, for outliers only; at least one is always kept

  /// After a time down an endpoint's weight grows with time from a tenth to the whole, by tenths;
  /// 0: at once.
  std::chrono::milliseconds slow_start{10'000};
};

}  // namespace sdconnect
