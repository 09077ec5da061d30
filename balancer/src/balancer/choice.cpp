#include "balancer/choice.hpp"

#include "balancer/least_loaded.hpp"

#include <algorithm>

namespace sdconnect::detail {
namespace {

std::uint32_t draw_column(const chooser& by) noexcept {
  return by.from.first + draw_from_columns(by.from.columns.get(), by.from.count, by.random);
}

/// The user's policy, by its candidates.
std::uint32_t ask_policy(const chooser& by) {
  const std::span<const policy_candidate> usable = by.from.policy_candidates;
  const std::size_t chosen = std::min(by.options.custom(usable, by.random, by.key), usable.size() - 1);
  return static_cast<std::uint32_t>(usable[chosen].endpoint - by.from.set->endpoints.data());
}

}  // namespace

std::uint32_t draw_position(const chooser& by, std::uint32_t attempt) {
  const snapshot& from = by.from;
  if (!from.policy_candidates.empty()) return ask_policy(by);
  if (by.options.policy == selection_policy::hash && by.key) {
    constexpr std::uint64_t golden_ratio = 0x9e3779b97f4a7c15;
    return from.first + from.by_key.pick(*by.key + attempt * golden_ratio);
  }
  if (by.options.policy == selection_policy::least_loaded) {
    const auto in_flight_of = [&](std::uint32_t position) { return from.set->endpoints[position].record->in_flight(); };
    const auto is_same_tier = [&](std::uint32_t a, std::uint32_t b) {
      return from.serving.size() == 1 || from.set->tier_of[a] == from.set->tier_of[b];
    };
    const auto weight_of = [&](std::uint32_t position) {
      return std::uint64_t{from.set->endpoints[position].where.weight} * from.standings[position].share;
    };
    // Of one tier: how much of the load each takes is not to depend on its weights.
    std::optional<std::uint32_t> first;
    const auto draw = [&] {
      constexpr std::uint32_t most_draws = 8;
      std::uint32_t drawn = draw_column(by);
      for (std::uint32_t i = 1; i < most_draws && first && !is_same_tier(drawn, *first); ++i) drawn = draw_column(by);
      if (first && !is_same_tier(drawn, *first)) return *first;
      first = drawn;
      return drawn;
    };
    return pick_less_loaded(draw, in_flight_of, weight_of);
  }
  return draw_column(by);
}

}  // namespace sdconnect::detail
