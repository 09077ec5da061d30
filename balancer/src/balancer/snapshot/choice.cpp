#include "balancer/snapshot/choice.hpp"

#include "balancer/policy/least_loaded.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::detail {
namespace {

std::uint32_t draw_column(const chooser& by) noexcept {
  return by.from.first + draw_from_columns(by.from.columns.get(), by.from.count, by.random);
}

std::uint32_t draw_less_loaded(const chooser& by) {
  const snapshot& from = by.from;
  const auto in_flight_of = [&](std::uint32_t position) { return from.set->endpoints[position].record->in_flight(); };
  const auto weight_of = [&](std::uint32_t position) {
    return std::uint64_t{from.set->endpoints[position].where.weight} * from.health[position].share;
  };
  if (from.serving.size() == 1) return pick_less_loaded([&] { return draw_column(by); }, in_flight_of, weight_of);

  // Draws both from one tier, so that the load that each tier takes does not depend on loads and
  // weights of another tier.
  constexpr int most_draws = 8;
  const std::uint32_t first = draw_column(by);
  std::uint32_t second = draw_column(by);
  const auto is_same_tier = [&] { return from.set->tier_of[first] == from.set->tier_of[second]; };
  for (int i = 1; i < most_draws && !is_same_tier(); ++i) second = draw_column(by);
  if (!is_same_tier()) return first;
  return pick_less_loaded([next = first, second]() mutable { return std::exchange(next, second); }, in_flight_of,
                          weight_of);
}

/// Asks the user's policy to choose one of its candidates.
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
  if (by.options.policy == selection_policy::least_loaded) return draw_less_loaded(by);
  return draw_column(by);
}

}  // namespace sdconnect::detail
