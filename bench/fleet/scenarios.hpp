/// \file
/// What happens to the simulated fleets.
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
  bool is_quick = false;  ///< a few clients, a few rounds: it works
};

struct fleet_scenario {
  std::string_view name, title;
  void (*run)(const fleet_options&, fleet_report&);
};

/// In the order of the table.
[[nodiscard]] std::span<const fleet_scenario> fleet_scenarios();

// Each in the file of its kind.
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

// What they have in common.

using fleet_window = fleet_meters::window;

[[nodiscard]] fleet_settings settings_of(const fleet_options& options);
/// The seconds from `in.from` until `holds` is true of all windows of `width` seconds that follow
/// within `in`; nullopt when it never is.
[[nodiscard]] std::optional<double> seconds_until(fleet_window in, std::size_t width,
                                                  const std::function<bool(fleet_window)>& holds);
/// One point for each `width` seconds, at their beginning.
[[nodiscard]] chart::line line_of(std::string label, fleet_window in, std::size_t width,
                                  const std::function<double(fleet_window)>& value);
/// The highest number of connections of an endpoint in a second, of the mean share of one of
/// `serving` endpoints.
[[nodiscard]] double overload(const fleet_meters& meters, fleet_window in, std::size_t serving);

}  // namespace sdconnect::bench
