#include "balancer/snapshot/chances.hpp"

#include "balancer/policy/policy_table.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace sdconnect::detail {
namespace {

/// Returns the candidates of a tier that can be chosen.
std::span<const candidate> usable_of(const snapshot_parts& from, const serving_tier& serving,
                                     std::vector<candidate>& buffer) {
  const std::span<const candidate> all = from.set->candidates_of(from.set->tiers[serving.tier]);
  if (serving.ignores_health || from.counts[serving.tier].down == 0) return all;
  buffer.resize(all.size());
  std::size_t count = 0;
  for (const candidate& c : all) {
    buffer[count] = c;
    count += from.health[c.index].state == health_state::down ? 0 : 1;
  }
  return std::span(buffer).first(count);
}

/// Computes the parts of the policy, times the weight shares if an endpoint is warming, in the
/// order of `usable`.
uint128 compute_parts(const snapshot_parts& from, const serving_tier& serving, const selection_rule& rule,
                      std::span<const candidate> usable, std::span<std::uint64_t> parts) {
  const uint128 whole = rule.first_choice_parts({{}, usable}, parts);
  if (serving.ignores_health || from.counts[serving.tier].warming == 0) return whole;
  uint128 sum = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i] *= from.health[usable[i].index].share;
    sum += parts[i];
  }
  return sum;
}

/// Policy `ordered`: each endpoint in turn gets its share of what is left. Endpoints on trial are
/// not included; they get their attempt before (better_trials).
void add_ordered_shares(const snapshot_parts& from, const serving_tier& serving, std::uint32_t first,
                        std::vector<double>& shares) {
  const tier_range& tier = from.set->tiers[serving.tier];
  double left = 1;
  double given = 0;
  std::vector<std::uint32_t> takers;
  for (std::uint32_t place = tier.first; place < tier.last && left > 0; ++place) {
    const std::uint32_t position = position_at(from.shuffled, place);
    if (!from.set->can_be_tried[position]) continue;
    const published_health& state = from.health[position];
    const bool is_usable = state.state == health_state::up || state.state == health_state::warming;
    if (!serving.ignores_health && !is_usable) continue;
    const double part = left * (serving.ignores_health ? 1000 : state.share) / 1000;
    shares[position - first] = part;
    takers.push_back(position - first);
    given += part;
    left = state.share == 1000 || serving.ignores_health ? 0 : left - part;
  }
  for (const std::uint32_t taker : takers) shares[taker] *= serving.load / given;
}

void add_shares(const snapshot_parts& from, const serving_tier& serving, selection_policy policy, std::uint32_t first,
                snapshot_buffers& buffers) {
  if (policy == selection_policy::ordered) return add_ordered_shares(from, serving, first, buffers.shares);
  const std::span<const candidate> usable = usable_of(from, serving, buffers.usable);
  buffers.tier_parts.resize(usable.size());
  const uint128 whole = compute_parts(from, serving, rule_of(policy), usable, buffers.tier_parts);
  for (std::size_t i = 0; i < usable.size(); ++i) {
    buffers.shares[usable[i].index - first] =
        serving.load * (static_cast<double>(buffers.tier_parts[i]) / static_cast<double>(whole));
  }
}

chances combine_tiers(const snapshot_parts& from, selection_policy policy, snapshot_buffers& buffers) {
  const std::uint32_t first = from.set->tiers[from.serving.front().tier].first;
  const std::uint32_t count = from.set->tiers[from.serving.back().tier].last - first;
  buffers.shares.assign(count, 0);
  for (const serving_tier& serving : from.serving) add_shares(from, serving, policy, first, buffers);

  chances made{first, count, 0};
  buffers.parts.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double share = buffers.shares[i];
    buffers.parts[i] = share > 0 ? static_cast<std::uint64_t>(std::max(std::round(share * 0x1p52), 1.0)) : 0;
    made.whole += buffers.parts[i];
  }
  return made;
}

}  // namespace

chances compute_chances(const snapshot_parts& from, selection_policy policy, snapshot_buffers& buffers) {
  if (from.serving.size() > 1 || policy == selection_policy::ordered) return combine_tiers(from, policy, buffers);

  const serving_tier& serving = from.serving.front();
  const tier_range& tier = from.set->tiers[serving.tier];
  const selection_rule& rule = rule_of(policy);
  const std::span<const candidate> usable = usable_of(from, serving, buffers.usable);
  chances made{tier.first, tier.last - tier.first, 0};
  buffers.parts.resize(made.count);
  if (usable.size() == made.count) {
    made.whole = compute_parts(from, serving, rule, usable, buffers.parts);
    return made;
  }
  buffers.tier_parts.resize(usable.size());
  made.whole = compute_parts(from, serving, rule, usable, buffers.tier_parts);
  std::fill(buffers.parts.begin(), buffers.parts.end(), std::uint64_t{0});
  for (std::size_t i = 0; i < usable.size(); ++i) buffers.parts[usable[i].index - tier.first] = buffers.tier_parts[i];
  return made;
}

}  // namespace sdconnect::detail
