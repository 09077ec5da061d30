// The effect of a total outage, and of its end, on a fleet and on one busy process.
#include "bench/fleet/scenarios.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sdconnect::bench {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

void set_all(fleet_world& world, backend_state state) {
  for (backend& each : world.backends) each.state = state;
}

struct outage {
  std::string_view name;
  std::size_t step = 0;  // seconds between the returns of two endpoints; 0: all at once
};

struct outage_result {
  double attempts = 0, offered = 0;  // while everything is down
  double overload = 0;
  chart::line attempts_line, highest_line;
};

constexpr std::size_t outage_begins = 30, outage_lasts = 60;

outage_result run_outage_of(const fleet_settings& settings, const outage& how, fleet_report& report) {
  fleet_simulation run(settings);
  const std::size_t fails = outage_begins, returns = fails + outage_lasts;
  const std::size_t all_back = returns + how.step * (settings.endpoints - 1), ends = all_back + 90;
  run.at(seconds(fails), [](fleet_world& world) { set_all(world, backend_state::refusing); });
  for (std::size_t i = 0; i < settings.endpoints; ++i) {
    run.at(seconds(returns + i * how.step),
           [i](fleet_world& world) { world.backends[i].state = backend_state::serving; });
  }
  run.run_until(seconds(ends));

  const fleet_meters& meters = run.meters();
  const fleet_window down{fails, returns}, after{returns, ends};
  const auto mean =
      settings.requests_per_s * static_cast<double>(settings.clients) / static_cast<double>(settings.endpoints);
  const auto even = seconds_until(after, 5, [&](fleet_window w) {
    for (std::size_t i = 0; i < settings.endpoints; ++i) {
      if (static_cast<double>(meters.connected_to(i, w)) < 0.8 * 5 * mean) return false;
    }
    return true;
  });
  outage_result out;
  out.overload = overload(meters, after, settings.endpoints);
  report.add({fmt::format("outage, {}", how.name), settings.clients, {}, {}}, meters, down);
  report.add({fmt::format("return, {}", how.name), settings.clients, even, out.overload}, meters, after);
  out.attempts = static_cast<double>(meters.sum(&fleet_second::attempts, down));
  out.offered = static_cast<double>(meters.sum(&fleet_second::requests, down));
  const fleet_window shown{fails - 10, ends};
  out.attempts_line = line_of(std::string(how.name), shown, 1, [&](fleet_window w) {
    return static_cast<double>(meters.sum(&fleet_second::attempts, w)) /
           std::max<double>(1, static_cast<double>(meters.sum(&fleet_second::requests, w)));
  });
  out.highest_line = line_of(std::string(how.name), shown, 1,
                             [&](fleet_window w) { return static_cast<double>(meters.peak_connected(w)) / mean; });
  return out;
}

// Each process has its own floor. The goal adds the floor in full, which leaves room for the tokens
// that a process had saved up.
void goal_of_attempts(std::string_view name, const outage_result& of, const fleet_settings& with,
                      fleet_report& report) {
  const auto clients = static_cast<double>(with.clients);
  const retry_budget_options& budget = with.retries;
  report.goal(name, of.attempts / clients,
              (1 + budget.share) * of.offered / clients + budget.floor_per_s * outage_lasts);
}

}  // namespace

void run_outage(const fleet_options& options, fleet_report& report) {
  fleet_settings one = settings_of(options);
  one.clients = 1;
  one.requests_per_s = options.is_quick ? 100 : 1000;
  one.start_within = 1s;
  fleet_settings fleet = settings_of(options);
  fleet.requests_per_s = 0.5;
  fleet.start_within = 20s;
  fleet_settings frugal = fleet;
  frugal.retries.floor_per_s = 0.1;
  frugal.retries.burst = 2;

  const outage_result busy = run_outage_of(one, {"one process"}, report);
  const outage_result staged = run_outage_of(one, {"one process, staged", 5}, report);
  const outage_result many = run_outage_of(fleet, {"fleet"}, report);
  const outage_result staged_fleet = run_outage_of(fleet, {"fleet, staged", 5}, report);
  const outage_result small_floor = run_outage_of(frugal, {"fleet, floor 0.1/s"}, report);

  goal_of_attempts("fleet_outage_one_process_attempts", busy, one, report);
  goal_of_attempts("fleet_outage_attempts_per_client", many, fleet, report);
  goal_of_attempts("fleet_outage_small_floor_attempts_per_client", small_floor, frugal, report);
  report.note("fleet_outage_attempts_per_request", many.attempts / many.offered);
  report.note("fleet_outage_small_floor_attempts_per_request", small_floor.attempts / small_floor.offered);
  report.goal("fleet_return_one_process_overload", busy.overload, 2);
  report.goal("fleet_return_overload", many.overload, 2);

  chart attempts{"Everything is down for a minute", "seconds", "attempts for each request", {}, {}};
  attempts.lines = {many.attempts_line, small_floor.attempts_line, busy.attempts_line};
  attempts.marks = {{outage_begins, "down"}, {outage_begins + outage_lasts, "back"}};
  report.plot("outage.svg", attempts);
  chart highest{"The busiest endpoint at the return", "seconds", "its load, of its share when all is well", {}, {}};
  highest.lines = {staged.highest_line, staged_fleet.highest_line, busy.highest_line, many.highest_line};
  highest.marks = attempts.marks;
  report.plot("return.svg", highest);
}

}  // namespace sdconnect::bench
