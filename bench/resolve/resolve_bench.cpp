/// \file
/// Queries to a real name server on this machine with this library, with other libraries, and with
/// a minimal client; then how unpredictable the queries are, and the cost of an answer that is
/// already known. `--quick` runs everything once, briefly.
#include "bench/resolve/cached.hpp"
#include "bench/resolve/clients.hpp"
#include "bench/resolve/safety.hpp"
#include "bench/support/knot_server.hpp"
#include "transport/engine/udp_pool.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <functional>
#include <string_view>
#include <sys/resource.h>

namespace sdconnect::bench {
using namespace sdconnect::detail;
namespace {

using namespace std::chrono_literals;

struct effort {
  std::size_t services, rounds;
  std::array<std::size_t, 3> queries;  // for each load
  std::size_t observed_queries;
  std::chrono::milliseconds slow;
  std::size_t flooded_queries, forgeries;
  std::size_t lookups;
};
constexpr effort whole{2000, 25, {500, 10'000, 10'000}, 100'000, 3500ms, 1000, 1000, 100'000};
constexpr effort quick{50, 2, {50, 500, 500}, 20'000, 200ms, 20, 500, 2000};

constexpr std::array<std::size_t, 3> loads{1, 10, 100};  // queries in flight

struct cost {
  double cpu = 0;   // us per query, of this process
  double wall = 0;  // us per query
};

struct contender {
  const char* name;
  std::unique_ptr<dns_asker> asker;
  std::size_t rounds_between;  // slow contenders skip rounds
  std::size_t share;           // and send fewer queries: 1/share
  std::array<std::vector<cost>, loads.size()> costs;
  std::size_t incomplete = 0;
};

double cpu_time() {
  ::rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto us = [](const ::timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  };
  return us(used.ru_utime) + us(used.ru_stime);
}

cost measure(contender& one, std::size_t queries, std::size_t in_flight) {
  const double cpu_before = cpu_time();
  const auto began = std::chrono::steady_clock::now();
  one.incomplete += queries - one.asker->ask(queries, in_flight);
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - began;
  const auto count = static_cast<double>(queries);
  return {(cpu_time() - cpu_before) / count, took.count() / count};
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[values.size() / 2];
}

double median(const std::vector<cost>& costs, double cost::*of) {
  std::vector<double> values;
  for (const cost& each : costs) values.push_back(each.*of);
  return median(std::move(values));
}

/// Median ratio over the runs that both took part in, paired by time.
double median_ratio(const contender& a, const contender& b, std::size_t load, double cost::*of) {
  std::vector<double> ratios;
  const std::size_t every = std::max(a.rounds_between, b.rounds_between);
  for (std::size_t round = 0;; round += every) {
    const std::size_t at_a = round / a.rounds_between, at_b = round / b.rounds_between;
    if (at_a >= a.costs[load].size() || at_b >= b.costs[load].size()) return median(std::move(ratios));
    ratios.push_back(a.costs[load][at_a].*of / b.costs[load][at_b].*of);
  }
}

void print_goal(const char* name, double value, const char* relation, double goal) {
  const bool is_met = *relation == '<' ? value <= goal : value >= goal;
  std::printf("%s %.4g %s%g %s\n", name, value, relation, goal, is_met ? "ok" : "short");
}

void print_table(const std::vector<contender>& all) {
  std::printf("%-26s%12s%12s%12s%12s%12s%12s\n", "in flight", "1", "10", "100", "1", "10", "100");
  std::printf("%-26s%36s%36s\n", "", "CPU us/query", "us/query");
  for (const contender& each : all) {
    std::printf("%-26s", each.name);
    for (double cost::*of : {&cost::cpu, &cost::wall}) {
      for (const std::vector<cost>& costs : each.costs) std::printf("%12.2f", median(costs, of));
    }
    std::printf(each.incomplete == 0 ? "\n" : "  (%zu incomplete answers)\n", each.incomplete);
  }
  std::printf("\n");
}

/// Interleaves the contenders, so that all see the same state of the machine.
void compare(const knot_server& server, const effort& with) {
  std::vector<contender> all;
  const auto add = [&](const char* name, auto make, std::size_t rounds_between, std::size_t share) {
    all.push_back({name, make(server.port(), server.names()), rounds_between, share, {}, 0});
    (void)all.back().asker->ask(with.services, 10);  // warm-up
  };
  add("sdconnect", make_ours, 1, 1);
  add("c-ares", make_cares, 1, 1);
  add("64 sockets, no library", make_raw, 1, 1);
  add("getdns stub", make_getdns, 5, 5);
  add("libunbound forward", make_unbound, 5, 5);

  for (std::size_t round = 0; round < with.rounds; ++round) {
    for (std::size_t load = 0; load < loads.size(); ++load) {
      for (contender& each : all) {
        if (round % each.rounds_between != 0) continue;
        each.costs[load].push_back(measure(each, with.queries[load] / each.share, loads[load]));
      }
    }
  }
  print_table(all);

  const contender &ours = all[0], &cares = all[1], &raw = all[2], &getdns = all[3], &unbound = all[4];
  print_goal("resolve_cpu_times_of_cares_10", median_ratio(ours, cares, 1, &cost::cpu), "<=", 1.1);
  print_goal("resolve_cpu_times_of_cares_100", median_ratio(ours, cares, 2, &cost::cpu), "<=", 1.1);
  print_goal("resolve_cpu_times_less_than_getdns", median_ratio(getdns, ours, 1, &cost::cpu), ">=", 7);
  print_goal("resolve_cpu_times_less_than_libunbound", median_ratio(unbound, ours, 1, &cost::cpu), ">=", 10);
  print_goal("resolve_rate_of_floor_100", median_ratio(raw, ours, 2, &cost::wall), ">=", 0.9);
  print_goal("resolve_time_of_floor_1", median_ratio(ours, raw, 0, &cost::wall), "<=", 1.2);
  print_goal("resolve_incomplete_answers", static_cast<double>(ours.incomplete), "<=", 0);
}

void check_safety(const effort& with) {
  const unpredictability seen = observe_unpredictability(with.observed_queries, with.slow);
  std::printf("\n%zu queries from %zu ports\n", seen.queries, seen.ports);
  print_goal("resolve_id_chi_square_p", seen.id_p, ">=", 0.001);
  print_goal("resolve_port_chi_square_p", seen.port_p, ">=", 0.001);
  print_goal("resolve_most_queries_per_port", seen.most_queries_per_port, "<=", udp_pool::queries_per_socket);
  print_goal("resolve_longest_port_life_s", seen.longest_port_life.count(), "<=", 2);

  // See docs/decisions/0011-rotating-port-pool.md for the reasoning.
  constexpr double ids = 65536, ports = 65536 - 1024;
  print_goal("resolve_chance_of_a_forged_packet", 1 / (ids * ports), "<=", 1 / 1.85e9);
  print_goal("resolve_chance_with_open_ports_known", 1 / (ids * udp_pool::most_sockets), "<=", 1 / ids);

  const flood flooded = observe_flood(with.flooded_queries, with.forgeries);
  std::printf("\n%llu forged replies to %zu queries, %zu answered by the true reply\n",
              static_cast<unsigned long long>(flooded.forged), flooded.queries, flooded.answered);
  print_goal("resolve_forged_replies_accepted", static_cast<double>(flooded.accepted), "<=", 0);
}

void check_cached(const knot_server& server, const effort& with) {
  const cached_cost found = measure_find(1000, with.lookups);
  const cached_cost asked = measure_table(1000, with.lookups);
  const cached_cost resolved = measure_resolve(server.port(), server.names().front(), with.lookups / 10);
  std::printf("\nresolver.async_resolve, all of it cached: %.0f ns, %.1f allocations\n", resolved.ns,
              resolved.allocations);
  std::printf("lookup_table.ask, cached: %.0f ns, %.1f allocations\n", asked.ns, asked.allocations);
  print_goal("resolve_cached_ns", found.ns, "<=", 100);
  print_goal("resolve_cached_allocations", found.allocations, "<=", 0);
}

}  // namespace
}  // namespace sdconnect::bench

int main(int argc, char** argv) {
  using namespace sdconnect::bench;
  const bool is_quick = argc == 2 && argv[1] == std::string_view("--quick");
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  if (argc > 1 && !is_quick) {
    std::fprintf(stderr, "usage: resolve_bench [--quick]\n");
    return 64;
  }
  try {
    const effort& with = is_quick ? quick : whole;
    const knot_server server(with.services);
    pin_to(side::client);
    compare(server, with);
    check_safety(with);
    check_cached(server, with);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "%s\n", failure.what());
    return 1;
  }
}
