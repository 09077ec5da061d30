#include "balancer/snapshot/tier_choice.hpp"

#include <algorithm>
#include <cstddef>

namespace sdconnect {

std::string_view to_string(tier_spill spill) noexcept {
  switch (spill) {
    case tier_spill::all_dead: return "all dead";
    case tier_spill::healthy_share: return "healthy share";
  }
  return "unknown";
}

namespace detail {
namespace {

double healthy_share_of(const tier_counts& counts) noexcept {
  return static_cast<double>(counts.serving) / static_cast<double>(counts.all());
}

/// Rule 1.
void update_memory(const tier_counts& counts, tier_memory& memory, std::chrono::milliseconds hold,
                   tier_memory::time_point now) noexcept {
  if (counts.serving == 0) {
    memory.was_dead = counts.all() > 0;
  } else if (memory.was_dead) {
    memory.was_dead = false;
    memory.held_until = now + hold;
  }
}

/// Rule 3.
serving_tiers spill(std::span<const tier_counts> counts, std::span<const std::uint32_t> able,
                    const balancer_options& options) {
  serving_tiers chosen;
  double left = 1;
  for (const std::uint32_t tier : able) {
    const double load = std::min(left, healthy_share_of(counts[tier]) * options.overprovisioning);
    if (load > 0) chosen.push_back({tier, load, false});
    left -= load;
    if (left <= 0) break;
  }
  for (serving_tier& one : chosen) one.load /= 1 - std::max(left, 0.0);
  if (left > 0) {
    for (serving_tier& one : chosen) {
      one.ignores_health = healthy_share_of(counts[one.tier]) < options.panic_threshold;  // 4.
    }
  }
  return chosen;
}

}  // namespace

serving_tiers choose_tiers(std::span<const tier_counts> counts, std::span<tier_memory> memory,
                           const balancer_options& options, tier_memory::time_point now) {
  boost::container::small_vector<std::uint32_t, 4> able, held;
  for (std::uint32_t tier = 0; tier < counts.size(); ++tier) {
    update_memory(counts[tier], memory[tier], options.return_hold, now);
    if (counts[tier].serving > 0) (memory[tier].held_until > now ? held : able).push_back(tier);
  }
  if (able.empty()) able.swap(held);

  if (able.empty()) {  // 5.
    const auto any = std::find_if(counts.begin(), counts.end(), [](const tier_counts& c) { return c.all() > 0; });
    if (any == counts.end()) return {};
    return {{static_cast<std::uint32_t>(any - counts.begin()), 1, true}};
  }
  if (options.spill == tier_spill::healthy_share) return spill(counts, able, options);
  return {{able.front(), 1, healthy_share_of(counts[able.front()]) < options.panic_threshold}};  // 2. and 4.
}

}  // namespace detail
}  // namespace sdconnect
