#include "sdconnect/balancer/selection.hpp"

#include "balancer/order/draws.hpp"
#include "balancer/policy/first_choice.hpp"
#include "balancer/policy/policy_table.hpp"
#include "balancer/policy/rendezvous.hpp"
#include "dns/message/end_of_tier.hpp"

#include <algorithm>

namespace sdconnect {

using detail::candidate;

bool is_usable(const endpoint& e) noexcept { return e.port != 0 && !e.target.is_root() && !e.unresolved; }

detail::exact_shares detail::first_choice_parts(std::span<const endpoint> endpoints, selection_policy policy) {
  std::vector<candidate> lowest;
  std::uint16_t priority = 0;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const endpoint& e = endpoints[i];
    if (!is_usable(e) || (!lowest.empty() && e.priority > priority)) continue;
    if (e.priority != priority) lowest.clear();
    priority = e.priority;
    lowest.push_back({static_cast<std::uint32_t>(i), e.weight});
  }
  if (lowest.empty()) return {};

  std::vector<std::uint64_t> parts(lowest.size());
  const uint128 whole = rule_of(policy).first_choice_parts({endpoints, lowest}, parts);
  exact_shares result{std::vector<std::uint64_t>(endpoints.size()), whole};
  for (std::size_t i = 0; i < lowest.size(); ++i) result.parts[lowest[i].index] = parts[i];
  return result;
}

std::vector<double> first_choice_shares(std::span<const endpoint> endpoints, selection_policy policy) {
  std::vector<double> shares(endpoints.size());
  const detail::exact_shares exact = detail::first_choice_parts(endpoints, policy);
  std::transform(exact.parts.begin(), exact.parts.end(), shares.begin(),
                 [&](std::uint64_t part) { return static_cast<double>(part) / static_cast<double>(exact.whole); });
  return shares;
}

namespace {

struct tier_range {
  std::size_t first = 0;
  std::size_t count = 0;
};

struct tiered_candidates {
  std::vector<candidate> all;  // tier by tier, each in the order of is_listed_before: zero weights last
  std::vector<tier_range> tiers;
};

tiered_candidates usable_by_tier(std::span<const endpoint> endpoints) {
  tiered_candidates result;
  std::vector<candidate>& candidates = result.all;
  candidates.reserve(endpoints.size());
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    if (is_usable(endpoints[i])) candidates.push_back({static_cast<std::uint32_t>(i), endpoints[i].weight});
  }

  // Merged endpoints are sorted already, and comparing names is slow.
  const auto is_before = [&](const candidate& a, const candidate& b) {
    return is_listed_before(endpoints[a.index], endpoints[b.index]);
  };
  if (!std::is_sorted(candidates.begin(), candidates.end(), is_before)) {
    std::stable_sort(candidates.begin(), candidates.end(), is_before);
  }

  const auto priority_of = [&](const candidate& each) { return endpoints[each.index].priority; };
  for (auto first = candidates.begin(); first != candidates.end();) {
    const auto last = detail::end_of_tier(first, candidates.end(), priority_of);
    result.tiers.push_back(
        {static_cast<std::size_t>(first - candidates.begin()), static_cast<std::size_t>(last - first)});
    first = last;
  }
  return result;
}

}  // namespace

struct order_drawer::state {
  const detail::selection_rule* rule = nullptr;
  tiered_candidates candidates;
  detail::order_pool pool;
  std::vector<std::uint32_t> order;
};

order_drawer::order_drawer(std::span<const endpoint> endpoints, selection_policy policy)
    : state_(std::make_unique<state>()) {
  state_->rule = &detail::rule_of(policy);
  state_->candidates = usable_by_tier(endpoints);
  state_->order.resize(state_->candidates.all.size());
}

order_drawer::order_drawer(order_drawer&&) noexcept = default;
order_drawer& order_drawer::operator=(order_drawer&&) noexcept = default;
order_drawer::~order_drawer() = default;

std::span<const std::uint32_t> order_drawer::draw(random_engine& random) {
  const std::span<const candidate> candidates = state_->candidates.all;
  const std::span<std::uint32_t> order = state_->order;
  for (const auto& [first, count] : state_->candidates.tiers) {
    state_->rule->draw_order(candidates.subspan(first, count), state_->pool, random, order.subspan(first, count),
                             nullptr);
  }
  return order;
}

std::vector<std::uint32_t> selection_order(std::span<const endpoint> endpoints, selection_policy policy,
                                           random_engine& random) {
  order_drawer drawer(endpoints, policy);
  const std::span<const std::uint32_t> order = drawer.draw(random);
  return {order.begin(), order.end()};
}

std::vector<std::uint32_t> selection_order_of_key(std::span<const endpoint> endpoints, std::uint64_t key) {
  const tiered_candidates candidates = usable_by_tier(endpoints);
  std::vector<std::uint64_t> identities(endpoints.size());
  std::ranges::transform(endpoints, identities.begin(), detail::endpoint_identity);
  std::vector<std::uint32_t> order(candidates.all.size());
  for (const auto& [first, count] : candidates.tiers) {
    detail::order_by_key(std::span(candidates.all).subspan(first, count), identities, key,
                         std::span(order).subspan(first, count));
  }
  return order;
}

}  // namespace sdconnect
