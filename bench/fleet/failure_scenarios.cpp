// The effect of failures on a fleet: of endpoints, of a network path, or of everything.
#include "bench/fleet/scenarios.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace sdconnect::bench {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

std::vector<std::size_t> indexes(std::size_t from, std::size_t to) {
  std::vector<std::size_t> out(to - from);
  std::iota(out.begin(), out.end(), from);
  return out;
}

constexpr std::size_t lost_count = 3, failure_begins = 40, failure_lasts = 120;

struct failure {
  std::string_view name;
  backend_state kind{};
  std::size_t calm = 1;  // one client replaces this many and makes their requests
};

// Three of the endpoints fail and return.
chart::line run_failure_of(const failure& what, const fleet_options& options, fleet_report& report) {
  fleet_settings settings = settings_of(options);
  settings.clients = std::max<std::size_t>(settings.clients / what.calm, 1);
  settings.requests_per_s = 0.5 * static_cast<double>(what.calm);
  settings.start_within = 20s;
  const std::size_t fails = failure_begins, returns = fails + failure_lasts, ends = returns + 60;
  const std::vector<std::size_t> lost = indexes(0, lost_count);
  const auto set_lost = [&lost](backend_state state) {
    return [lost, state](fleet_world& world) {
      for (const std::size_t i : lost) world.backends[i].state = state;
    };
  };
  fleet_simulation run(settings);
  run.at(seconds(fails), set_lost(what.kind));
  run.at(seconds(returns), set_lost(backend_state::serving));
  run.run_until(seconds(ends));

  const fleet_meters& meters = run.meters();
  const auto lost_share = [&](fleet_window w) { return meters.attempt_share_of(lost, w); };
  const auto share = static_cast<double>(lost_count) / static_cast<double>(settings.endpoints);
  const fleet_window down{fails, returns}, after{returns, ends};
  const auto left = seconds_until(down, 5, [&](fleet_window w) { return lost_share(w) <= share / 2; });
  const auto back = seconds_until(after, 5, [&](fleet_window w) { return lost_share(w) >= share * 0.9; });
  const double load = overload(meters, down, settings.endpoints - lost_count);
  const std::string name = fmt::format("3 {}{}", what.name, what.calm > 1 ? ", busy clients" : "");
  report.add({name, settings.clients, left, load}, meters, down);
  report.add({name + ", back", settings.clients, back, overload(meters, after, settings.endpoints)}, meters, after);
  report.goal(fmt::format("fleet_{}{}_failed", what.name, what.calm > 1 ? "_busy" : ""),
              static_cast<double>(meters.sum(&fleet_second::failed, {fails, ends})), 0);
  const std::string label = fmt::format("{}, {:g} requests/s each", what.name, settings.requests_per_s);
  return line_of(label, {fails - 20, ends}, 2, [&](fleet_window w) { return 100 * lost_share(w); });
}

}  // namespace

void run_failure(const fleet_options& options, fleet_report& report) {
  chart drawn{"Three of ten endpoints fail", "seconds", "% of all attempts that go to the three", {}, {}};
  drawn.lines.push_back(run_failure_of({"refusing", backend_state::refusing}, options, report));
  drawn.lines.push_back(run_failure_of({"silent", backend_state::silent}, options, report));
  drawn.lines.push_back(run_failure_of({"refusing", backend_state::refusing, 40}, options, report));
  drawn.marks = {{failure_begins, "they fail"}, {failure_begins + failure_lasts, "they are back"}};
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
  // Half of the requests belong in the second tier while half of the clients are cut off.
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
  report.note("fleet_partition_cut_off_p99_ms", meters.percentile(0.99, {fails + 30, returns}, 1));

  chart drawn{"Half of the clients cannot reach the first tier", "seconds", "% of the connections", {}, {}, 100};
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

// Every endpoint is down for a while, one after the other, repeatedly.
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
  return static_cast<double>(meters.sum(&fleet_second::failed, in));
}

}  // namespace

void run_rolling_restart(const fleet_options& options, fleet_report& report) {
  restarts how;
  if (options.is_quick) how.rounds = 2;
  fleet_settings settings = settings_of(options);
  settings.requests_per_s = 0.05;
  settings.start_within = 10s;
  settings.ttl = 300s;
  report.goal("fleet_rolling_restart_failed", run_restarts("fleet", settings, how, report), 0);
  settings.clients = 1;
  settings.requests_per_s = 200;
  report.goal("fleet_rolling_restart_one_process_failed", run_restarts("one process", settings, how, report), 0);
}

}  // namespace sdconnect::bench
