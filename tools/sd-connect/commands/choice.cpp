#include "sd-connect/commands/choice.hpp"

#include "sdconnect/balancer/hash_key.hpp"
#include "sdconnect/connect/address_order.hpp"

#include <vector>

namespace sdconnect::cli {

balancer_options balancing(const options& opts) { return {.policy = opts.policy, .seed = opts.seed}; }

std::optional<std::uint64_t> next_key(const options& opts, random_engine& random) {
  if (opts.policy != selection_policy::hash) return std::nullopt;
  return opts.hash_key ? hash_of_key(*opts.hash_key) : random();
}

std::optional<ip_address> first_address(const options& opts, const endpoint& e) {
  const std::uint64_t seed = opts.seed ? *opts.seed : random_engine::from_os_entropy()();
  const std::vector<ip_address> order = addresses_in_order(e, seed);
  return order.empty() ? std::nullopt : std::optional(order.front());
}

attempt_plan plan_of(const options& opts, std::span<const endpoint> endpoints, random_engine& random) {
  const auto now = std::chrono::steady_clock::now();
  balancer chooser(balancing(opts), now);
  chooser.update(endpoints, now);
  return chooser.explained_plan(now, next_key(opts, random));
}

}  // namespace sdconnect::cli
