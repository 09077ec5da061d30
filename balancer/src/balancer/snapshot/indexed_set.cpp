#include "balancer/snapshot/indexed_set.hpp"

#include "balancer/policy/rendezvous.hpp"
#include "sdconnect/balancer/selection.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sdconnect::detail {

indexed_set index_endpoints(endpoint_set endpoints, bool needs_identities) {
  indexed_set made;
  made.endpoints = std::move(endpoints);
  const auto count = static_cast<std::uint32_t>(made.endpoints.size());
  made.tier_of.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const endpoint& e = made.endpoints[i].where;
    if (made.tiers.empty() || made.tiers.back().priority != e.priority) {
      const auto candidate_count = static_cast<std::uint32_t>(made.candidates.size());
      made.tiers.push_back({e.priority, i, i, candidate_count, candidate_count});
    }
    tier_range& tier = made.tiers.back();
    tier.last = i + 1;
    made.tier_of.push_back(static_cast<std::uint32_t>(made.tiers.size() - 1));
    made.can_be_tried.push_back(is_usable(e));
    if (made.can_be_tried.back()) {
      made.candidates.push_back({i, e.weight});
      ++tier.last_candidate;
    }
  }
  if (needs_identities) {
    std::transform(made.endpoints.begin(), made.endpoints.end(), std::back_inserter(made.identities),
                   [](const balanced_endpoint& e) { return endpoint_identity(e.where); });
  }
  return made;
}

}  // namespace sdconnect::detail
