#include "choice.hpp"

#include "sdconnect/balancer/hash_key.hpp"
#include "sdconnect/balancer/selection.hpp"

namespace sdconnect::cli {

std::optional<std::uint64_t> next_key(const options& opts, random_engine& random) {
  if (opts.policy != selection_policy::hash) return std::nullopt;
  return opts.hash_key ? hash_of_key(*opts.hash_key) : random();
}

choice choose_order(const options& opts, std::span<const endpoint> endpoints, random_engine& random) {
  const std::optional<std::uint64_t> key = next_key(opts, random);
  choice made{.decision = trace_selection(endpoints, opts.policy, random, {.key = key}), .order = {}};
  if (!made.decision.chosen) return made;
  if (key) {
    made.order = selection_order_of_key(endpoints, *key);
    return made;
  }
  // RFC 2782 "Weight": the process continues with what is left.
  const std::uint32_t first = *made.decision.chosen;
  std::vector<endpoint> left(endpoints.begin(), endpoints.end());
  left.erase(left.begin() + first);
  made.order = selection_order(left, opts.policy, random);
  for (std::uint32_t& index : made.order) index += index >= first ? 1U : 0U;
  made.order.insert(made.order.begin(), first);
  return made;
}

}  // namespace sdconnect::cli
