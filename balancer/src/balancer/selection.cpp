#include "sdconnect/balancer/selection.hpp"

#include "balancer/first_choice.hpp"
#include "balancer/policy_table.hpp"

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

struct order_drawer::state {
  struct tier_range {
    std::size_t first = 0;
    std::size_t count = 0;
  };

  const detail::selection_rule* rule = nullptr;
  std::vector<candidate> candidates;  // tier after tier, each in the order of is_listed_before: zero weights last
  std::vector<tier_range> tiers;
  detail::draw_buffers buffers;
  std::vector<std::uint32_t> order;
};

order_drawer::order_drawer(std::span<const endpoint> endpoints, selection_policy policy)
    : state_(std::make_unique<state>()) {
  state_->rule = &detail::rule_of(policy);
  std::vector<candidate>& candidates = state_->candidates;
  candidates.reserve(endpoints.size());
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    if (is_usable(endpoints[i])) candidates.push_back({static_cast<std::uint32_t>(i), endpoints[i].weight});
  }
  state_->order.resize(candidates.size());

  // Merged endpoints come sorted, and comparing names is slow.
  const auto is_before = [&](const candidate& a, const candidate& b) {
    return is_listed_before(endpoints[a.index], endpoints[b.index]);
  };
  if (!std::is_sorted(candidates.begin(), candidates.end(), is_before)) {
    std::stable_sort(candidates.begin(), candidates.end(), is_before);
  }

  for (std::size_t first = 0; first < candidates.size();) {
    const std::uint16_t priority = endpoints[candidates[first].index].priority;
    std::size_t last = first;
    while (last < candidates.size() && endpoints[candidates[last].index].priority == priority) ++last;
    state_->tiers.push_back({first, last - first});
    first = last;
  }
}

order_drawer::order_drawer(order_drawer&&) noexcept = default;
order_drawer& order_drawer::operator=(order_drawer&&) noexcept = default;
order_drawer::~order_drawer() = default;

std::span<const std::uint32_t> order_drawer::draw(random_engine& random) {
  const std::span<const candidate> candidates = state_->candidates;
  const std::span<std::uint32_t> order = state_->order;
  for (const auto& [first, count] : state_->tiers) {
    state_->rule->draw_order(candidates.subspan(first, count), state_->buffers, random, order.subspan(first, count));
  }
  return order;
}

std::vector<std::uint32_t> selection_order(std::span<const endpoint> endpoints, selection_policy policy,
                                           random_engine& random) {
  order_drawer drawer(endpoints, policy);
  const std::span<const std::uint32_t> order = drawer.draw(random);
  return {order.begin(), order.end()};
}

}  // namespace sdconnect
