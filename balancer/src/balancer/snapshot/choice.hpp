/// \file
/// Makes one choice from a snapshot if a draw from its table is not enough: trials, limits, loads,
/// keys, user-defined policies.
#pragma once

#include "balancer/snapshot/snapshot.hpp"
#include "sdconnect/net/random.hpp"

#include <cstdint>
#include <limits>
#include <optional>

namespace sdconnect::detail {

inline constexpr std::uint32_t no_position = std::numeric_limits<std::uint32_t>::max();

/// The inputs of a choice.
struct chooser {
  const snapshot& from;
  const balancer_options& options;
  random_engine& random;
  std::optional<std::uint64_t> key;
};

/// Draws a position by the policy. `attempt` is the number of positions drawn before for the same
/// request and refused; with a key, each attempt usually gives another endpoint, always the same
/// one. REQUIRES: a tier that serves.
[[nodiscard]] std::uint32_t draw_position(const chooser& by, std::uint32_t attempt);

/// Returns the first position that `accept(position, needs_token)` takes, or no_position. Tries:
///  1. trials of better tiers,
///  2. a few draws,
///  3. all usable endpoints, in order (policy `ordered`) or from a random start, in the tiers that
///     serve, then in the others,
///  4. the rest: down, or on trial by another request; these need no token.
template <class Accept>
[[nodiscard]] std::uint32_t choose_position(const chooser& by, const Accept& accept) {
  const snapshot& from = by.from;
  if (from.serving.empty()) return no_position;
  for (const std::uint32_t position : from.better_trials) {  // 1.
    if (accept(position, true)) return position;
  }
  constexpr std::uint32_t draws = 8;
  for (std::uint32_t attempt = 0; attempt < draws; ++attempt) {  // 2.
    const std::uint32_t position = draw_position(by, attempt);
    if (accept(position, from.needs_token(position))) return position;
  }

  const indexed_set& set = *from.set;
  const auto scan = [&](std::uint32_t tier, const auto& take) {
    const tier_range& range = set.tiers[tier];
    const std::uint32_t size = range.last - range.first;
    const bool is_ordered = by.options.policy == selection_policy::ordered;
    auto place = is_ordered ? 0 : static_cast<std::uint32_t>(uniform_below(by.random, size));
    for (std::uint32_t i = 0; i < size; ++i, place = place + 1 < size ? place + 1 : 0) {
      const std::uint32_t position = position_at(from.shuffled, range.first + place);
      if (set.can_be_tried[position] && take(position)) return position;
    }
    return no_position;
  };
  const auto take_usable = [&](std::uint32_t position) {
    return from.health[position].state != health_state::down && accept(position, from.needs_token(position));
  };
  const auto take_any = [&](std::uint32_t position) { return accept(position, false); };
  for (const serving_tier& serving : from.serving) {  // 3.
    if (const std::uint32_t found = scan(serving.tier, take_usable); found != no_position) return found;
  }
  for (std::uint32_t tier = 0; tier < set.tiers.size(); ++tier) {
    if (from.find_serving(tier) != nullptr) continue;
    if (const std::uint32_t found = scan(tier, take_usable); found != no_position) return found;
  }
  for (std::uint32_t tier = 0; tier < set.tiers.size(); ++tier) {  // 4.
    if (const std::uint32_t found = scan(tier, take_any); found != no_position) return found;
  }
  return no_position;
}

}  // namespace sdconnect::detail
