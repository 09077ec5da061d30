#include "bench/selection/go.hpp"
#include "bench/selection/goals.hpp"
#include "bench/selection/sets.hpp"
#include "bench/support/goals.hpp"
#include "bench/support/processors.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace sdconnect::bench {
namespace {

/// A small service, a rack, a fleet, a large fleet.
constexpr std::array<std::size_t, 4> sizes{4, 16, 100, 1000};

double cost_of(order_drawer& drawer, std::size_t times, random_engine& random) {
  const double began = thread_time();
  for (std::size_t i = 0; i < times; ++i) keep(drawer.draw(random).data());
  return (thread_time() - began) / static_cast<double>(times);
}

double quality_of(order_drawer& drawer, std::span<const endpoint> endpoints, std::size_t draws) {
  random_engine random(6);
  std::vector<std::uint64_t> counts(endpoints.size());
  for (std::size_t i = 0; i < draws; ++i) ++counts[drawer.draw(random).front()];
  return chi_square_per_freedom(counts, first_choice_shares(endpoints, selection_policy::rfc2782));
}

struct order_costs {
  std::vector<double> ours, go;
};

/// Runs the two alternately.
order_costs measure(order_drawer& drawer, std::size_t size, const selection_effort& with) {
  random_engine random(5);
  order_costs costs;
  const quiet_processor here;  // Go inherits it too
  for (std::size_t round = 0; round < with.rounds / 20 + 1; ++round) {
    (void)cost_of(drawer, 1000, random);
    costs.ours.push_back(cost_of(drawer, 1000, random));
    if (has_go_order()) costs.go.push_back(go_order_cost(size));
  }
  return costs;
}

}  // namespace

void compare_orders(const selection_effort& with) {
  std::printf("\n%-30s%10s%10s%10s%s\n", "ns for each full order", "sdconnect", "Go's net", "chi2/df",
              has_go_order() ? "" : "  Go's is not built: scripts/bench does that");
  std::array<order_costs, sizes.size()> all;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::vector<endpoint> endpoints = make_endpoints(sizes[i]);
    order_drawer drawer(endpoints, selection_policy::rfc2782);
    all[i] = measure(drawer, sizes[i], with);
    // Ordering a thousand records costs as much as ordering one record a thousand times.
    const std::size_t draws = std::max<std::size_t>(with.draws / sizes[i] / 2, 1000);
    std::printf("%-30zu%10.1f%10.1f%10.2f\n", sizes[i], median(all[i].ours), median(all[i].go),
                quality_of(drawer, endpoints, draws));
  }
  if (!has_go_order()) return;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    print_goal("selection_order_times_of_go_" + std::to_string(sizes[i]), median_ratio(all[i].ours, all[i].go), "<", 1);
  }
}

bool choose_orders(const std::string& name, std::size_t size, std::size_t times) {
  if (name != "full order") return false;
  random_engine random(5);
  order_drawer drawer(make_endpoints(size), selection_policy::rfc2782);
  (void)cost_of(drawer, times, random);
  return true;
}

}  // namespace sdconnect::bench
