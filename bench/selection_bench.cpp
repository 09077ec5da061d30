/// \file
/// Choosing one endpoint, and drawing a full RFC 2782 order, beside what else could be used for it.
/// The counter chi2/df says how well the choices follow their shares: near 1 is right.
#include "sdconnect/balancer/picker.hpp"
#include "sdconnect/balancer/selection.hpp"

#include <benchmark/benchmark.h>
#include <boost/random/discrete_distribution.hpp>

#include <cmath>
#include <cstdint>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

namespace {

using namespace sdconnect;

/// As real sets have them: 1 to 100, every tenth ten times that.
std::vector<endpoint> make_endpoints(std::int64_t count) {
  random_engine random(1);
  std::vector<endpoint> endpoints(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    endpoints[i].target = name::from_text("host" + std::to_string(i) + ".example.com.").value();
    endpoints[i].port = 80;
    endpoints[i].weight = static_cast<std::uint32_t>((1 + uniform_below(random, 100)) * (i % 10 == 9 ? 10 : 1));
  }
  return merge_endpoints(std::move(endpoints));
}

std::vector<std::uint32_t> weights_of(const std::vector<endpoint>& endpoints) {
  std::vector<std::uint32_t> weights;
  for (const endpoint& e : endpoints) weights.push_back(e.weight);
  return weights;
}

/// `choose` gives an index. The quality is measured once, outside of the loop.
template <class Choose>
void run_pick(benchmark::State& state, const std::vector<endpoint>& endpoints, selection_policy policy, Choose choose) {
  for (auto _ : state) benchmark::DoNotOptimize(choose());

  constexpr double draws = 1e6;
  std::vector<double> counts(endpoints.size());
  for (double i = 0; i < draws; ++i) ++counts[choose()];
  const std::vector<double> shares = first_choice_shares(endpoints, policy);
  double statistic = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    statistic += std::pow(counts[i] - shares[i] * draws, 2) / (shares[i] * draws);
  }
  state.counters["chi2/df"] = statistic / static_cast<double>(counts.size() - 1);
}

void bm_pick(benchmark::State& state, selection_policy policy) {
  const std::vector<endpoint> endpoints = make_endpoints(state.range(0));
  const picker picker(endpoints, policy);
  random_engine random(2);
  run_pick(state, endpoints, policy, [&] { return picker.pick(random); });
}

/// The floor: two arrays, the same generator, no promise about an empty set.
void bm_pick_bare_alias(benchmark::State& state) {
  const std::vector<endpoint> endpoints = make_endpoints(state.range(0));
  const std::size_t count = endpoints.size();
  std::vector<double> mass = first_choice_shares(endpoints, selection_policy::weighted);
  for (double& m : mass) m *= static_cast<double>(count);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> table(count);
  std::vector<std::uint32_t> small, large;
  for (std::uint32_t i = 0; i < count; ++i) (mass[i] < 1 ? small : large).push_back(i);
  while (!small.empty() && !large.empty()) {
    const std::uint32_t from = large.back(), to = small.back();
    small.pop_back();
    table[to] = {static_cast<std::uint32_t>(mass[to] * 0x1p32), from};
    mass[from] -= 1 - mass[to];
    if (mass[from] >= 1) continue;
    large.pop_back();
    small.push_back(from);
  }
  for (const auto& rest : {small, large}) {
    for (const std::uint32_t i : rest) table[i] = {0, i};
  }
  random_engine random(2);
  run_pick(state, endpoints, selection_policy::weighted, [&] {
    const auto product = detail::uint128{random()} * count;
    const auto own = static_cast<std::uint32_t>(product >> 64);
    std::uint32_t mask = 0U - static_cast<std::uint32_t>(static_cast<std::uint32_t>(product >> 32) < table[own].first);
    asm("" : "+r"(mask));
    return (own & mask) | (table[own].second & ~mask);
  });
}

template <class Distribution>
void bm_pick_library(benchmark::State& state) {
  const std::vector<endpoint> endpoints = make_endpoints(state.range(0));
  const std::vector<std::uint32_t> weights = weights_of(endpoints);
  Distribution distribution(weights.begin(), weights.end());
  std::mt19937_64 random(2);
  run_pick(state, endpoints, selection_policy::weighted,
           [&] { return static_cast<std::size_t>(distribution(random)); });
}

/// A household, a fleet, a large fleet, and the most endpoints that a service may have by default.
void pick_sizes(benchmark::internal::Benchmark* bench) { bench->Arg(4)->Arg(100)->Arg(1000)->Arg(10000); }

BENCHMARK_CAPTURE(bm_pick, rfc2782, selection_policy::rfc2782)->Apply(pick_sizes);
BENCHMARK_CAPTURE(bm_pick, weighted, selection_policy::weighted)->Apply(pick_sizes);
BENCHMARK(bm_pick_bare_alias)->Apply(pick_sizes);
BENCHMARK_TEMPLATE(bm_pick_library, std::discrete_distribution<std::uint32_t>)->Apply(pick_sizes);
BENCHMARK_TEMPLATE(bm_pick_library, boost::random::discrete_distribution<std::uint32_t>)->Apply(pick_sizes);

void bm_build_picker(benchmark::State& state) {
  const std::vector<endpoint> endpoints = make_endpoints(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(picker(endpoints, selection_policy::rfc2782));
}
BENCHMARK(bm_build_picker)->Apply(pick_sizes);

void bm_order(benchmark::State& state) {
  order_drawer drawer(make_endpoints(state.range(0)), selection_policy::rfc2782);
  random_engine random(3);
  for (auto _ : state) benchmark::DoNotOptimize(drawer.draw(random).data());
}

/// RFC 2782 word by word: sum up, draw, walk, erase.
void bm_order_textbook(benchmark::State& state) {
  const std::vector<std::uint32_t> weights = weights_of(make_endpoints(state.range(0)));
  std::vector<std::pair<std::uint32_t, std::uint32_t>> left;
  std::vector<std::uint32_t> order;
  random_engine random(3);
  for (auto _ : state) {
    left.clear();
    order.clear();
    std::uint64_t sum = 0;
    for (std::uint32_t i = 0; i < weights.size(); ++i) {
      left.emplace_back(i, weights[i]);
      sum += weights[i];
    }
    for (std::size_t i = left.size(); i > 1; --i) std::swap(left[i - 1], left[uniform_below(random, i)]);
    while (!left.empty()) {
      const std::uint64_t drawn = uniform_below(random, sum + 1);
      auto at = left.begin();
      for (std::uint64_t running = at->second; running < drawn; running += at->second) ++at;
      sum -= at->second;
      order.push_back(at->first);
      left.erase(at);
    }
    benchmark::DoNotOptimize(order.data());
  }
}

/// On both sides of where the method changes.
void order_sizes(benchmark::internal::Benchmark* bench) { bench->Arg(4)->Arg(16)->Arg(100)->Arg(1000); }

BENCHMARK(bm_order)->Apply(order_sizes);
BENCHMARK(bm_order_textbook)->Apply(order_sizes);

}  // namespace
