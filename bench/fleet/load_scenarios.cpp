// The effect of one bad endpoint on busy processes.
#include "bench/fleet/scenarios.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sdconnect::bench {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

constexpr std::size_t changes_at = 30, returns_at = 90, ends_at = 150;
constexpr std::array<std::size_t, 1> bad{0};

fleet_settings busy_processes(const fleet_options& options) {
  fleet_settings settings = settings_of(options);
  settings.clients = std::min<std::size_t>(options.clients, 10);
  settings.requests_per_s = options.is_quick ? 50 : 200;
  settings.start_within = 5s;
  return settings;
}

chart::line run_slow_with(selection_policy policy, const fleet_options& options, fleet_report& report) {
  fleet_settings settings = busy_processes(options);
  settings.balancing.policy = policy;
  fleet_simulation run(settings);
  constexpr sim_duration usual = 20ms, slow = 1s;
  for (backend& each : run.world().backends) each.service_time = usual;
  const auto set = [](sim_duration time) {
    return [time](fleet_world& world) { world.backends[bad.front()].service_time = time; };
  };
  run.at(seconds(changes_at), set(slow));
  run.at(seconds(returns_at), set(usual));
  run.run_until(seconds(ends_at));
  const fleet_meters& meters = run.meters();
  const std::string name(to_string(policy));
  report.add({fmt::format("slow, {}", name), settings.clients, {}, {}}, meters, {changes_at, returns_at});
  if (policy == selection_policy::least_loaded) {
    report.goal("fleet_slow_endpoint_share_percent", 100 * meters.share_of(bad, {changes_at + 5, returns_at}),
                50.0 / static_cast<double>(settings.endpoints));
  }
  return line_of(name, {10, ends_at}, 1, [&](fleet_window w) { return 100 * meters.share_of(bad, w); });
}

}  // namespace

void run_slow(const fleet_options& options, fleet_report& report) {
  chart drawn{"One of ten endpoints takes 1 s instead of 20 ms", "seconds", "its share of the connections, %", {}, {}};
  drawn.lines.push_back(run_slow_with(selection_policy::weighted, options, report));
  drawn.lines.push_back(run_slow_with(selection_policy::least_loaded, options, report));
  drawn.marks = {{changes_at, "slow"}, {returns_at, "well"}};
  report.plot("slow.svg", drawn);
}

void run_sick(const fleet_options& options, fleet_report& report) {
  const fleet_settings settings = busy_processes(options);
  constexpr double reset_part = 1.0 / 3;
  fleet_simulation run(settings);
  run.at(seconds(changes_at), [](fleet_world& world) { world.backends[bad.front()].reset_part = reset_part; });
  run.at(seconds(returns_at), [](fleet_world& world) { world.backends[bad.front()].reset_part = 0; });
  run.run_until(seconds(ends_at));
  const fleet_meters& meters = run.meters();
  const fleet_window sick{changes_at, returns_at};
  report.add({"one resets a third", settings.clients, {}, {}}, meters, sick);
  const double unprotected = static_cast<double>(meters.sum(&fleet_second::requests, sick)) * reset_part /
                             static_cast<double>(settings.endpoints);
  report.goal("fleet_sick_broken_percent_of_those_without_health",
              100 * static_cast<double>(meters.sum(&fleet_second::failed, sick)) / unprotected, 10);
}

}  // namespace sdconnect::bench
