// What the failure of endpoints, of a network path, or of everything does to a fleet.
#include "fleet_scenarios.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace sdconnect::bench {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

void set_all(fleet_world& world, backend_state state) {
  for (backend& each : world.backends) each.state = state;
}

std::vector<std::size_t> indexes(std::size_t from, std::size_t to) {
  std::vector<std::size_t> out(to - from);
  std::iota(out.begin(), out.end(), from);
  return out;
}

// Three of the endpoints go at `fails` and return at `returns`.
chart::line run_failure_of(backend_state kind, std::string_view name, const fleet_options& options,
                           fleet_report& report) {
  fleet_settings settings = settings_of(options);
  settings.requests_per_s = 0.5;
  settings.start_within = 20s;
  const std::size_t fails = 40, returns = options.is_quick ? 80 : 160, ends = returns + 60;
  const std::vector<std::size_t> lost = indexes(0, 3);
  const auto set_lost = [&lost](backend_state state) {
    return [lost, state](fleet_world& world) {
      for (const std::size_t i : lost) world.backends[i].state = state;
    };
  };
  fleet_simulation run(settings);
  run.at(seconds(fails), set_lost(kind));
  run.at(seconds(returns), set_lost(backend_state::serving));
  run.run_until(seconds(ends));

  const fleet_meters& meters = run.meters();
  const auto lost_share = [&](fleet_window w) { return meters.attempt_share_of(lost, w); };
  const auto share = static_cast<double>(lost.size()) / static_cast<double>(settings.endpoints);
  const auto left = seconds_until({fails, returns}, 5, [&](fleet_window w) { return lost_share(w) <= share / 10; });
  const auto back = seconds_until({returns, ends}, 5, [&](fleet_window w) { return lost_share(w) >= share * 0.9; });
  const std::size_t serving = settings.endpoints - lost.size();
  report.add({fmt::format("3 {}", name), settings.clients, left, overload(meters, {fails, returns}, serving)}, meters,
             {fails, returns});
  report.add(
      {fmt::format("3 {}, back", name), settings.clients, back, overload(meters, {returns, ends}, settings.endpoints)},
      meters, {returns, ends});
  report.goal(fmt::format("fleet_{}_failed", name),
              static_cast<double>(meters.sum(&fleet_second::failed, {fails, ends})), 0);
  return line_of(std::string(name), {fails - 20, ends}, 2, [&](fleet_window w) { return 100 * lost_share(w); });
}

}  // namespace

void run_failure(const fleet_options& options, fleet_report& report) {
  chart drawn{"Three of ten endpoints fail", "seconds", "% of all attempts that go to the three", {}, {}};
  drawn.lines.push_back(run_failure_of(backend_state::refusing, "refusing", options, report));
  drawn.lines.push_back(run_failure_of(backend_state::silent, "silent", options, report));
  drawn.marks = {{40, "they fail"}, {160, "they are back"}};
  report.plot("failure.svg", drawn);
}

void run_partition(const fleet_options& options, fleet_report& report) {
  fleet_settings settings = settings_of(options);
  settings.requests_per_s = 0.5;
  settings.start_within = 20s;
  const std::size_t fails = 40, returns = options.is_quick ? 80 : 160, ends = returns + (options.is_quick ? 60 : 160);
  const std::size_t half = settings.endpoints / 2;
  const auto cut = [half](bool is_cut_off) {
    return [half, is_cut_off](fleet_world& world) {
      for (std::size_t i = 0; i < half; ++i) world.backends[i].is_cut_off = is_cut_off;
    };
  };
  fleet_simulation run(settings);
  for (std::size_t i = half; i < settings.endpoints; ++i) run.world().backends[i].priority = 1;
  run.world().zone_changed();
  run.at(seconds(fails), cut(true));
  run.at(seconds(returns), cut(false));
  run.run_until(seconds(ends));

  const fleet_meters& meters = run.meters();
  const std::vector<std::size_t> first_tier = indexes(0, half), second_tier = indexes(half, settings.endpoints);
  // Half of the requests belong there while half of the clients are cut off.
  const auto left =
      seconds_until({fails, returns}, 5, [&](fleet_window w) { return meters.share_of(second_tier, w) >= 0.45; });
  const auto back =
      seconds_until({returns, ends}, 5, [&](fleet_window w) { return meters.share_of(first_tier, w) >= 0.95; });
  report.add({"tier cut off from half", settings.clients, left, {}}, meters, {fails, returns});
  report.add({"tier reachable again", settings.clients, back, overload(meters, {returns, ends}, half)}, meters,
             {returns, ends});
  report.goal("fleet_partition_failed", static_cast<double>(meters.sum(&fleet_second::failed, {fails, ends})), 0);
  report.goal("fleet_partition_others_p99_ms", meters.percentile(0.99, {fails, returns}, 0), 3);
  report.goal("fleet_partition_cut_off_p50_ms", meters.percentile(0.5, {fails + 30, returns}, 1), 3);

  chart drawn{"Half of the clients cannot reach the first tier", "seconds", "% of the connections", {}, {}, false, 100};
  const fleet_window shown{fails - 20, ends};
  drawn.lines.push_back(
      line_of("first tier", shown, 2, [&](fleet_window w) { return 100 * meters.share_of(first_tier, w); }));
  drawn.lines.push_back(
      line_of("second tier", shown, 2, [&](fleet_window w) { return 100 * meters.share_of(second_tier, w); }));
  drawn.marks = {{static_cast<double>(fails), "cut off"}, {static_cast<double>(returns), "reachable again"}};
  report.plot("partition.svg", drawn);
}

namespace {

struct restarts {
  std::size_t rounds = 100;
  std::size_t down = 2, pause = 1;  // seconds; for each endpoint
};

// Every endpoint is away for a while, one after the other, again and again.
double run_restarts(std::string_view name, const fleet_settings& settings, const restarts& how, fleet_report& report) {
  fleet_simulation run(settings);
  const std::size_t begins = 20, each = how.down + how.pause;
  const std::size_t ends = begins + how.rounds * settings.endpoints * each;
  for (std::size_t i = 0; i < how.rounds * settings.endpoints; ++i) {
    const std::size_t which = i % settings.endpoints, from = begins + i * each;
    const auto set = [which](backend_state state) {
      return [which, state](fleet_world& world) { world.backends[which].state = state; };
    };
    run.at(seconds(from), set(backend_state::refusing));
    run.at(seconds(from + how.down), set(backend_state::serving));
  }
  run.run_until(seconds(ends));
  const fleet_meters& meters = run.meters();
  const fleet_window in{begins, ends};
  report.add({fmt::format("{} rounds, {}", how.rounds, name),
              settings.clients,
              {},
              overload(meters, in, settings.endpoints - 1)},
             meters, in);

  chart drawn{
      fmt::format("Rolling restart, {}: the first two rounds", name), "seconds", "connections each second", {}, {}};
  const fleet_window shown{begins - 10, std::min(ends, begins + 2 * settings.endpoints * each)};
  for (const std::size_t i : {std::size_t{0}, settings.endpoints / 2, settings.endpoints - 1}) {
    drawn.lines.push_back(line_of(fmt::format("endpoint {}", i + 1), shown, 1,
                                  [&](fleet_window w) { return static_cast<double>(meters.connected_to(i, w)); }));
  }
  drawn.lines.push_back(line_of("attempts refused", shown, 1, [&](fleet_window w) {
    return static_cast<double>(meters.sum(&fleet_second::retries, w));
  }));
  if (settings.clients > 1) report.plot("rolling.svg", drawn);
  return static_cast<double>(meters.sum(&fleet_second::failed, in));
}

}  // namespace

void run_rolling_restart(const fleet_options& options, fleet_report& report) {
  restarts how;
  if (options.is_quick) how.rounds = 2;
  fleet_settings settings = settings_of(options);
  settings.requests_per_s = 0.1;
  settings.start_within = 10s;
  settings.ttl = 300s;
  report.goal("fleet_rolling_restart_failed", run_restarts("fleet", settings, how, report), 0);
  settings.clients = 1;
  settings.requests_per_s = 200;
  report.goal("fleet_rolling_restart_one_process_failed", run_restarts("one process", settings, how, report), 0);
}

namespace {

struct outage {
  std::string_view name;
  std::size_t step = 0;  // seconds between the returns of two endpoints; 0: all at once
};

struct outage_result {
  double attempts = 0, offered = 0;  // while everything is down, without the first second
  double overload = 0;
  chart::line attempts_line, highest_line;
};

constexpr std::size_t outage_begins = 30, outage_lasts = 60;

outage_result run_outage_of(const fleet_settings& settings, const outage& how, fleet_report& report) {
  fleet_simulation run(settings);
  const std::size_t fails = outage_begins, returns = fails + outage_lasts;
  const std::size_t all_back = returns + how.step * (settings.endpoints - 1), ends = all_back + 60;
  run.at(seconds(fails), [](fleet_world& world) { set_all(world, backend_state::refusing); });
  for (std::size_t i = 0; i < settings.endpoints; ++i) {
    run.at(seconds(returns + i * how.step),
           [i](fleet_world& world) { world.backends[i].state = backend_state::serving; });
  }
  run.run_until(seconds(ends));

  const fleet_meters& meters = run.meters();
  const fleet_window down{fails, returns}, after{returns, ends}, settled{fails + 1, returns};
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
  out.attempts = static_cast<double>(meters.sum(&fleet_second::attempts, settled));
  out.offered = static_cast<double>(meters.sum(&fleet_second::requests, settled));
  const fleet_window shown{fails - 10, ends};
  out.attempts_line = line_of(std::string(how.name), shown, 1, [&](fleet_window w) {
    return static_cast<double>(meters.sum(&fleet_second::attempts, w)) /
           std::max<double>(1, static_cast<double>(meters.sum(&fleet_second::requests, w)));
  });
  out.highest_line = line_of(std::string(how.name), shown, 1,
                             [&](fleet_window w) { return static_cast<double>(meters.peak_connected(w)) / mean; });
  return out;
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

  constexpr double floor_per_s = 10, down = outage_lasts - 1;
  const auto clients = static_cast<double>(fleet.clients);
  report.goal("fleet_outage_one_process_attempts", busy.attempts, 1.2 * busy.offered + floor_per_s * down);
  report.goal("fleet_outage_attempts_per_client", many.attempts / clients,
              1.2 * many.offered / clients + floor_per_s * down);
  report.goal("fleet_outage_small_floor_attempts_per_client", small_floor.attempts / clients,
              1.2 * small_floor.offered / clients + 0.1 * down);
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
