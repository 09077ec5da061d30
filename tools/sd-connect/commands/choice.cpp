#include "sd-connect/commands/choice.hpp"

#include "sdconnect/balancer/hash_key.hpp"

namespace sdconnect::cli {

balancer_options balancing(const options& opts) { return {.policy = opts.policy, .seed = opts.seed}; }

std::optional<std::uint64_t> next_key(const options& opts, random_engine& random) {
  if (opts.policy != selection_policy::hash) return std::nullopt;
  return opts.hash_key ? hash_of_key(*opts.hash_key) : random();
}

const ip_address* first_address(const endpoint& e) noexcept {
  const ip_address* first = nullptr;
  for (const ip_address& address : e.addresses) {
    if (!address.is_connectable()) continue;
    if (!address.is_v4()) return &address;
    if (first == nullptr) first = &address;
  }
  return first;
}

attempt_plan plan_of(const options& opts, std::span<const endpoint> endpoints, random_engine& random) {
  const auto now = std::chrono::steady_clock::now();
  balancer chooser(balancing(opts), now);
  chooser.update(endpoints, now);
  return chooser.explained_plan(now, next_key(opts, random));
}

}  // namespace sdconnect::cli
