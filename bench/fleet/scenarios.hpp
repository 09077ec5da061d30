/// \file
/// The scenarios of the simulated fleets.
#pragma once

#include "bench/fleet/report.hpp"
#include "bench/fleet/simulation.hpp"

#include <functional>
#include <span>
#include <string_view>

namespace sdconnect::bench {

struct fleet_options {
  std::size_t clients = 10'000;
  std::size_t endpoints = 10;
  std::chrono::seconds ttl{60};
  std::uint64_t seed = 1;
  bool is_quick = false;  ///< few clients and rounds: only tests that it works
};

struct fleet_scenario {
  std::string_view name, title;
  void (*run)(const fleet_options&, fleet_report&);
};

/// In the order of the output table.
[[nodiscard]] std::span<const fleet_scenario> fleet_scenarios();

// Defined in the file of their kind.
void run_steady(const fleet_options& options, fleet_report& report);
void run_herd(const fleet_options& options, fleet_report& report);
void run_weights(const fleet_options& options, fleet_report& report);
void run_dns_outage(const fleet_options& options, fleet_report& report);
void run_failure(const fleet_options& options, fleet_report& report);
void run_partition(const fleet_options& options, fleet_report& report);
void run_rolling_restart(const fleet_options& options, fleet_report& report);
void run_outage(const fleet_options& options, fleet_report& report);
void run_slow(const fleet_options& options, fleet_report& report);
void run_sick(const fleet_options& options, fleet_report& report);

// Shared by the scenarios.

using fleet_window = fleet_meters::window;

[[nodiscard]] fleet_settings settings_of(const fleet_options& options);
/// Returns the seconds from `in.from` until `holds` is true for all later windows of `width`
/// seconds within `in`; nullopt if that never happens.
[[nodiscard]] std::optional<double> seconds_until(fleet_window in, std::size_t width,
                                                  const std::function<bool(fleet_window)>& holds);
/// Returns one point for each `width` seconds, at the start of the interval.
[[nodiscard]] chart::line line_of(std::string label, fleet_window in, std::size_t width,
                                  const std::function<double(fleet_window)>& value);
/// Returns the highest number of connections of an endpoint in a second, relative to the mean share
/// of one of `serving` endpoints.
[[nodiscard]] double overload(const fleet_meters& meters, fleet_window in, std::size_t serving);

}  // namespace sdconnect::bench
