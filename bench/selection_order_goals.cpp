#include "goals.hpp"
#include "processors.hpp"
#include "selection_chooser.hpp"
#include "selection_go.hpp"
#include "selection_goals.hpp"
#include "selection_instructions.hpp"
#include "selection_orders.hpp"
#include "selection_sets.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace sdconnect::bench {
namespace {

/// On both sides of where the method changes.
constexpr std::array<std::size_t, 4> sizes{4, 16, 100, 1000};

struct contender {
  order_rival what;
  std::unique_ptr<order_maker> maker;
  std::vector<double> costs;
};

double cost_of(const contender& one, std::size_t times, random_engine& random) {
  const double began = thread_time();
  for (std::size_t i = 0; i < times; ++i) keep(one.maker->draw(random).data());
  return (thread_time() - began) / static_cast<double>(times);
}

double quality_of(const contender& one, std::span<const endpoint> endpoints, std::size_t draws) {
  random_engine random(6);
  std::vector<std::uint64_t> counts(endpoints.size());
  for (std::size_t i = 0; i < draws; ++i) ++counts[one.maker->draw(random).front()];
  return chi_square_per_freedom(counts, first_choice_shares(endpoints, one.what.policy));
}

std::vector<contender> make_contenders(std::span<const endpoint> endpoints) {
  std::vector<contender> all;
  for (order_rival& each : order_rivals()) {
    std::unique_ptr<order_maker> maker = each.make(endpoints);
    all.push_back({std::move(each), std::move(maker), {}});
  }
  return all;
}

std::vector<contender> measure(std::size_t size, const selection_effort& with) {
  random_engine random(5);
  std::vector<contender> all = make_contenders(make_endpoints(size));
  const quiet_processor here;
  for (std::size_t round = 0; round < with.rounds; ++round) {
    for (contender& each : all) {
      // The slow ones do not take part in each round of the largest.
      if (each.what.is_quadratic && size == sizes.back() && round % 10 != 0) continue;
      const double estimate = each.costs.empty() ? cost_of(each, 1, random) : each.costs.back();
      const auto times = static_cast<std::size_t>(with.block_ns / estimate) + 1;
      each.costs.push_back(cost_of(each, times, random));
    }
  }
  return all;
}

void print_goals(std::size_t size, const std::vector<contender>& all) {
  // Neighbours in time where there are as many runs, medians otherwise.
  const auto factor = [&](const contender& a, const contender& b) {
    return a.costs.size() == b.costs.size() ? median_ratio(a.costs, b.costs) : median(a.costs) / median(b.costs);
  };
  const contender& best = *std::min_element(
      all.begin() + 1, all.end(), [](const auto& a, const auto& b) { return median(a.costs) < median(b.costs); });
  print_goal("selection_order_times_of_best_" + std::to_string(size), factor(all.front(), best), "<=", 1.1);
}

/// Go's own takes turns with ours.
void compare_with_go(std::size_t size, const selection_effort& with) {
  random_engine random(5);
  contender ours = std::move(make_contenders(make_endpoints(size)).front());
  std::vector<double> go;
  const quiet_processor here;  // and for Go, which inherits it
  for (std::size_t round = 0; round < with.rounds / 20 + 1; ++round) {
    (void)cost_of(ours, 1000, random);
    ours.costs.push_back(cost_of(ours, 1000, random));
    go.push_back(go_order_cost(size));
  }
  std::printf("%-10zu%10.1f%14.1f\n", size, median(ours.costs), median(go));
  const double goal = size < 100 ? 3 : size < 1000 ? 2 : 5;
  print_goal("selection_order_times_faster_than_go_" + std::to_string(size), median_ratio(go, ours.costs), ">=", goal);
}

}  // namespace

void compare_orders(const selection_effort& with) {
  std::vector<std::vector<contender>> by_size;
  for (const std::size_t size : sizes) by_size.push_back(measure(size, with));

  std::printf("\n%-30s%10s%10s%10s%10s%40s\n", "ns for each full order", "4", "16", "100", "1000", "chi2/df");
  for (std::size_t row = 0; row < by_size.front().size(); ++row) {
    std::printf("%-30s", by_size.front()[row].what.name.c_str());
    for (const auto& all : by_size) std::printf("%10.1f", median(all[row].costs));
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      // Of a thousand orders cost as much as a million of one record.
      const std::size_t draws = std::max<std::size_t>(with.draws / sizes[i] / 2, 1000);
      std::printf("%10.2f", quality_of(by_size[i][row], make_endpoints(sizes[i]), draws));
    }
    std::printf("\n");
  }
  std::printf("\n");
  for (std::size_t i = 0; i < sizes.size(); ++i) print_goals(sizes[i], by_size[i]);

  std::printf("\n%-10s%10s%14s%s\n", "ns", "sdconnect", "Go's net",
              has_go_order() ? "" : "  not built: scripts/bench does that");
  if (!has_go_order()) return;
  for (const std::size_t size : sizes) compare_with_go(size, with);
}

bool choose_orders(const std::string& name, std::size_t size, std::size_t times) {
  const std::string prefix = "order: ";
  random_engine random(5);
  for (const contender& each : make_contenders(make_endpoints(size))) {
    if (prefix + each.what.name != name) continue;
    (void)cost_of(each, times, random);
    return true;
  }
  return false;
}

void count_instructions() {
  std::printf("%-30s%10s%10s%10s%10s\n", "instructions for each", "4", "16", "100", "1000");
  const auto print_row = [](const std::string& name, std::size_t times) {
    std::array<double, sizes.size()> counts{};
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const std::size_t each = name.starts_with("order: ") ? std::max<std::size_t>(times / sizes[i], 20) : times;
      counts[i] = instructions_of(name, sizes[i], each);
    }
    std::printf("%-30s", name.c_str());
    for (const double count : counts) std::printf("%10.0f", count);
    std::printf("\n");
    return counts;
  };
  const auto ours = print_row("sdconnect", 1'000'000);
  const auto floor = print_row("bare alias table", 1'000'000);
  for (const rival& each : pick_rivals()) {
    if (each.name != "bare alias table" && !each.is_linear) print_row(each.name, 1'000'000);
  }
  for (const order_rival& each : order_rivals()) print_row("order: " + each.name, 100'000);
  std::printf("\n");
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    std::printf("selection_pick_instructions_times_of_floor_%zu %.4g\n", sizes[i], ours[i] / floor[i]);
  }
}

}  // namespace sdconnect::bench
