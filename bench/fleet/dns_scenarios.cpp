// The effect of the TTL on a fleet: queries, and how fast a change arrives.
#include "bench/fleet/scenarios.hpp"
#include "sdconnect/balancer/selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sdconnect::bench {
namespace {

using namespace std::chrono_literals;

std::size_t count_of(std::chrono::seconds s) { return static_cast<std::size_t>(s.count()); }

// Compares the connections of each endpoint with the share that the policy promises. Returns the
// greatest difference, in standard deviations.
double greatest_deviation(const fleet_world& world, fleet_window in) {
  std::vector<endpoint> endpoints(world.backends.size());
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    endpoints[i].target = name::from_text("b" + std::to_string(i) + ".example.com").value();
    endpoints[i].port = 1;
    endpoints[i].weight = world.backends[i].weight;
    endpoints[i].addresses.push_back(ip_address::v4({10, 0, 0, 1}));
  }
  const std::vector<double> shares = first_choice_shares(endpoints, world.settings.balancing.policy);
  double all = 0, greatest = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) all += static_cast<double>(world.meters.connected_to(i, in));
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const double off = static_cast<double>(world.meters.connected_to(i, in)) - all * shares[i];
    greatest = std::max(greatest, std::abs(off) / std::sqrt(all * shares[i] * (1 - shares[i])));
  }
  return greatest;
}

chart::line queries_line(const fleet_meters& meters, std::string label, fleet_window in, double clients) {
  return line_of(std::move(label), in, 1, [&meters, clients](fleet_window w) {
    return 100 * static_cast<double>(meters.sum(&fleet_second::srv_queries, w)) / clients;
  });
}

}  // namespace

void run_steady(const fleet_options& options, fleet_report& report) {
  fleet_settings settings = settings_of(options);
  settings.start_within = settings.ttl;
  fleet_simulation run(settings);
  for (std::size_t i = 0; i < settings.endpoints; ++i) {
    run.world().backends[i].weight = static_cast<std::uint16_t>(10 * (1 + i % 4));
  }
  run.world().zone_changed();
  const std::size_t begins = count_of(settings.ttl), ends = begins + (options.is_quick ? 60 : 120);
  run.run_until(std::chrono::seconds(ends));
  const fleet_window in{begins, ends};
  report.add({"steady", settings.clients, {}, {}}, run.meters(), in);
  report.goal("fleet_steady_share_deviation_sigma", greatest_deviation(run.world(), in), 4);
  report.goal("fleet_steady_failed", static_cast<double>(run.meters().sum(&fleet_second::failed, in)), 0);
}

void run_herd(const fleet_options& options, fleet_report& report) {
  fleet_settings settings = settings_of(options);
  settings.start_within = 0s;
  settings.requests_per_s = 0.01;
  fleet_simulation run(settings);
  const std::size_t ttl = count_of(settings.ttl), ends = 15 * ttl;
  run.run_until(std::chrono::seconds(ends));
  const auto clients = static_cast<double>(settings.clients);
  const auto peak = [&](fleet_window in) { return 100 * run.meters().peak(&fleet_second::srv_queries, in) / clients; };
  const fleet_window first{ttl / 2, ttl + ttl / 10}, later{10 * ttl, ends};
  report.add({"herd, first expiry", settings.clients, {}, {}}, run.meters(), first);
  report.add({"herd, after 10 TTLs", settings.clients, {}, {}}, run.meters(), later);
  report.goal("fleet_herd_first_expiry_peak_percent", peak(first), 20);
  report.goal("fleet_herd_after_10_periods_peak_percent", peak(later), 5);

  chart drawn{fmt::format("{} clients start in the same second, TTL {} s", settings.clients, ttl),
              "seconds",
              "% of the clients that ask, each second",
              {},
              {}};
  drawn.lines.push_back(queries_line(run.meters(), "clients that refresh", {2, ends}, clients));
  const double level = 100 / (0.875 * static_cast<double>(ttl));
  drawn.lines.push_back({"evenly spread", {{2, level}, {static_cast<double>(ends), level}}});
  report.plot("herd.svg", drawn);
}

void run_weights(const fleet_options& options, fleet_report& report) {
  fleet_settings settings = settings_of(options);
  settings.start_within = settings.ttl;
  settings.requests_per_s = 0.5;
  fleet_simulation run(settings);
  const std::size_t changes = 2 * count_of(settings.ttl), ends = changes + 2 * count_of(settings.ttl);
  run.at(std::chrono::seconds(changes), [](fleet_world& world) {
    world.backends[0].weight = 100;
    world.zone_changed();
  });
  run.run_until(std::chrono::seconds(ends));
  const std::array<std::size_t, 1> heavy{0};
  const auto others = static_cast<double>(settings.endpoints - 1);
  const double before = 1 / (1 + others), after = 10 / (10 + others);
  const fleet_meters& meters = run.meters();
  const auto share = [&](fleet_window w) { return meters.share_of(heavy, w); };
  // 95 % of the way from the old share to the new share.
  const auto converged =
      seconds_until({changes, ends}, 5, [&](fleet_window w) { return share(w) >= before + 0.95 * (after - before); });
  report.add({"weights", settings.clients, converged, {}}, meters, {changes, ends});
  report.goal("fleet_weights_converge_s", converged.value_or(HUGE_VAL), static_cast<double>(count_of(settings.ttl)));
}

void run_dns_outage(const fleet_options& options, fleet_report& report) {
  fleet_settings settings = settings_of(options);
  settings.start_within = settings.ttl;
  settings.requests_per_s = 0.1;
  fleet_simulation run(settings);
  const std::size_t ttl = count_of(settings.ttl);
  constexpr std::size_t outage = 4;
  const std::size_t fails = ttl + ttl / 2, returns = fails + outage * ttl, ends = returns + 3 * ttl;
  run.at(std::chrono::seconds(fails), [](fleet_world& world) { world.dns = dns_state::silent; });
  run.at(std::chrono::seconds(returns), [](fleet_world& world) { world.dns = dns_state::answering; });
  run.run_until(std::chrono::seconds(ends));
  const fleet_meters& meters = run.meters();
  report.add({"DNS silent", settings.clients, {}, {}}, meters, {fails, returns});
  report.add({"DNS back", settings.clients, {}, {}}, meters, {returns, ends});
  report.goal("fleet_dns_outage_failed", static_cast<double>(meters.sum(&fleet_second::failed, {fails, ends})), 0);

  chart drawn{fmt::format("Name servers silent for {} TTLs of {} s", outage, ttl),
              "seconds",
              "DNS queries, % of the clients each second",
              {},
              {}};
  drawn.lines.push_back(line_of("queries, repetitions included", {ttl, ends}, 1, [&](fleet_window w) {
    return 100 * static_cast<double>(meters.sum(&fleet_second::dns_queries, w)) / static_cast<double>(settings.clients);
  }));
  drawn.marks = {{static_cast<double>(fails), "silent"}, {static_cast<double>(returns), "back"}};
  report.plot("dns-outage.svg", drawn);
}

}  // namespace sdconnect::bench
