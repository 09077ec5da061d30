#include "bench/selection/ours.hpp"

#include "bench/selection/keys.hpp"
#include "bench/selection/sets.hpp"

#include <chrono>
#include <cstdio>

namespace sdconnect::bench {
namespace {

/// A clock that never advances: no timer becomes due.
constexpr balancer::time_point now{std::chrono::hours{1}};

balancer_options options_for(selection_policy policy) {
  balancer_options options;
  options.policy = policy;
  options.health.fall = options.health.rise = 1;
  options.health.slow_start = {};
  return options;
}

/// Returns the median of several runs, in ns.
template <class Choose>
double cost_of(std::size_t rounds, Choose choose) {
  constexpr std::size_t times = 1000;
  std::vector<double> costs;
  for (std::size_t round = 0; round < rounds; ++round) {
    const double began = thread_time();
    for (std::size_t i = 0; i < times; ++i) keep(choose());
    costs.push_back((thread_time() - began) / times);
  }
  return median(std::move(costs));
}

}  // namespace

our_set::our_set(std::span<const endpoint> endpoints, selection_policy policy) : balancer_(options_for(policy), now) {
  balancer_.update(endpoints, now);
  set_ = balancer_.endpoints();
}

void our_set::flip() {
  is_up_ = !is_up_;
  balancer_.report_probe(*set_->front().record, is_up_, now);
}

std::unique_ptr<chooser> make_our_chooser(std::shared_ptr<our_set> set) {
  balancer* const from = &**set;
  return make_chooser([from] { return from->pick(); },
                      [set](const balanced_endpoint* picked) { return set->index_of(picked); });
}

void print_other_policies(std::span<const endpoint> endpoints, std::size_t rounds) {
  our_set hashing(endpoints, selection_policy::hash), least_loaded(endpoints, selection_policy::least_loaded);
  const std::vector<std::uint32_t> weights = weights_of(endpoints);
  const hash_ring ring(weights);
  const maglev_table maglev(weights);
  random_engine random(4);
  std::printf(
      "%8zu%14.1f%14.1f%14.1f%14.1f%14.1f\n", endpoints.size(),
      cost_of(rounds, [&] { return (*hashing).pick(random()); }), cost_of(rounds, [&] { return ring.pick(random()); }),
      cost_of(rounds, [&] { return maglev.pick(random()); }), cost_of(rounds, [&] { return (*least_loaded).pick(); }),
      cost_of(rounds, [&] { return (*least_loaded).acquire(now)->record().stats().in_flight; }));
}

}  // namespace sdconnect::bench
