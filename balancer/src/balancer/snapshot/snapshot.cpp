#include "balancer/snapshot/snapshot.hpp"

#include "balancer/snapshot/chances.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::detail {
namespace {

void list_better_trials(snapshot& made, std::span<const tier_counts> counts, selection_policy policy) {
  const indexed_set& set = *made.set;
  std::size_t better = made.serving.front().tier;
  if (policy == selection_policy::ordered) better = made.serving.back().tier + std::size_t{1};
  // If nothing serves, every trial is better than the last resort.
  if (made.is_last_resort) better = set.tiers.size();

  for (std::size_t tier = 0; tier < better; ++tier) {
    if (counts[tier].trial == 0) continue;
    for (std::uint32_t place = set.tiers[tier].first; place < set.tiers[tier].last; ++place) {
      const std::uint32_t position = position_at(made.shuffled, place);
      const bool is_on_trial = set.can_be_tried[position] && made.health[position].state == health_state::trial;
      if (is_on_trial) made.better_trials.push_back(position);
    }
  }
}

void list_policy_candidates(snapshot& made) {
  for (const serving_tier& serving : made.serving) {
    for (const candidate& c : made.set->candidates_of(made.set->tiers[serving.tier])) {
      const published_health& state = made.health[c.index];
      if (!serving.ignores_health && state.state == health_state::down) continue;
      const double share = serving.ignores_health ? 1 : state.share / 1000.0;
      made.policy_candidates.push_back({&made.set->endpoints[c.index], c.weight * share});
    }
  }
}

bool has_guarded(const snapshot& made, std::span<const tier_counts> counts) noexcept {
  return std::any_of(made.serving.begin(), made.serving.end(), [&](const serving_tier& serving) {
    return counts[serving.tier].trial > 0 && !serving.ignores_health;
  });
}

}  // namespace

const serving_tier* snapshot::find_serving(std::uint32_t tier) const noexcept {
  const auto found =
      std::find_if(serving.begin(), serving.end(), [tier](const serving_tier& one) { return one.tier == tier; });
  return found == serving.end() ? nullptr : &*found;
}

bool snapshot::is_in_panic(std::uint32_t position) const noexcept {
  const serving_tier* const found = find_serving(set->tier_of[position]);
  return found != nullptr && found->ignores_health && !is_last_resort;
}

bool snapshot::needs_token(std::uint32_t position) const noexcept {
  if (health[position].state != health_state::trial) return false;
  const serving_tier* const found = find_serving(set->tier_of[position]);
  return found == nullptr || !found->ignores_health;
}

std::shared_ptr<const snapshot> build_snapshot(std::uint64_t version, snapshot_parts from,
                                               const balancer_options& options, snapshot_buffers& buffers) {
  const auto made = std::make_shared<snapshot>();
  made->version = version;
  made->health.assign(from.health.data(), from.health.data() + from.health.size());
  if (!from.serving.empty()) {
    const chances drawn = compute_chances(from, options.policy, buffers);
    made->first = drawn.first;
    made->count = drawn.count;
    if (options.policy == selection_policy::hash) {
      made->by_key = rendezvous(std::span(from.set->identities).subspan(drawn.first, drawn.count), buffers.parts);
    }
    auto columns = std::make_unique_for_overwrite<alias_column[]>(drawn.count);
    make_alias_columns(buffers.parts, drawn.whole, buffers.columns, {columns.get(), drawn.count});
    made->columns = std::move(columns);
  }
  made->set = std::move(from.set);
  made->serving = std::move(from.serving);
  made->shuffled = std::move(from.shuffled);
  if (made->serving.empty()) return made;

  made->is_last_resort = from.counts[made->serving.front().tier].serving == 0;
  list_better_trials(*made, from.counts, options.policy);
  if (options.custom) list_policy_candidates(*made);
  made->is_plain = !options.custom && options.policy != selection_policy::least_loaded && made->better_trials.empty() &&
                   !has_guarded(*made, from.counts);
  return made;
}

}  // namespace sdconnect::detail
