#include "balancer/snapshot/plan_drawer.hpp"

#include "balancer/order/draws.hpp"
#include "balancer/order/traced_draw.hpp"
#include "balancer/policy/policy_table.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace sdconnect::detail {
namespace {

/// Number of places that a user-defined policy is asked for.
constexpr std::size_t most_asked = 16;

class plan_drawer {
 public:
  plan_drawer(const chooser& by, const std::function<bool(std::uint32_t)>& is_token_free, explaining how)
      : by_(by), is_permit_free_(is_token_free), is_explained_(how == explaining::yes) {}

  ///  1. Trials of better tiers that no other request holds.
  ///  2. The tiers: first the one that serves (of several, the one of the first choice); then the
  ///     others that have a usable endpoint, by priority. Each is drawn in full.
  ///  3. Endpoints that are down or on trial by other requests, tier by tier.
  attempt_plan draw() {
    const indexed_set& set = *by_.from.set;
    plan_.from = by_.from.shared_from_this();
    plan_.set = std::shared_ptr<const endpoint_set>(by_.from.set, &set.endpoints);
    if (by_.from.serving.empty()) return std::move(plan_);
    plan_.order.reserve(set.candidates.size());
    is_placed_.resize(set.endpoints.size());

    for (const std::uint32_t position : by_.from.better_trials) {  // 1.
      if (is_permit_free_(position)) place(position);
    }
    if (by_.from.is_last_resort) plan_.usable = plan_.order.size();
    const std::uint32_t served = draw_serving_tier();  // 2.
    if (!by_.from.is_last_resort) {
      for (std::uint32_t tier = 0; tier < set.tiers.size(); ++tier) {
        if (tier != served) draw_tier(tier, usable_of(tier), std::nullopt);
      }
      plan_.usable = plan_.order.size();
    }
    for (std::uint32_t tier = 0; tier < set.tiers.size(); ++tier) {  // 3.
      draw_tier(tier, unplaced_of(tier), std::nullopt);
    }
    if (is_explained_) explain();
    return std::move(plan_);
  }

 private:
  void explain() {
    std::vector<endpoint> endpoints;
    for (const balanced_endpoint& e : *plan_.set) endpoints.push_back(e.where);
    std::vector<endpoint_health> health(by_.from.health.size());
    for (std::size_t i = 0; i < health.size(); ++i) {
      health[i].state = by_.from.health[i].state;
      health[i].weight_share = by_.from.health[i].share;
    }
    plan_.trace = std::make_shared<const selection_trace>(
        trace_of_order(endpoints, by_.options.policy, {.health = health, .key = by_.key}, steps_, plan_.order.front()));
  }

  void place(std::uint32_t position) {
    is_placed_[position] = true;
    plan_.order.push_back(position);
  }

  std::vector<candidate> unplaced_of(std::uint32_t tier) const {
    const indexed_set& set = *by_.from.set;
    const std::span<const candidate> all = set.candidates_of(set.tiers[tier]);
    const auto is_unplaced = [this](const candidate& c) { return !is_placed_[c.index]; };
    std::vector<candidate> found;
    found.reserve(static_cast<std::size_t>(std::ranges::count_if(all, is_unplaced)));
    std::ranges::copy_if(all, std::back_inserter(found), is_unplaced);
    return found;
  }

  std::vector<candidate> usable_of(std::uint32_t tier) const {
    std::vector<candidate> found = unplaced_of(tier);
    const serving_tier* const serving = by_.from.find_serving(tier);
    if (serving != nullptr && serving->ignores_health) return found;
    std::erase_if(found, [&](const candidate& c) {
      const health_state state = by_.from.health[c.index].state;
      return state == health_state::down || (state == health_state::trial && !is_permit_free_(c.index));
    });
    return found;
  }

  /// Draws the tier that serves; of several, the one of the first choice. Returns that tier.
  std::uint32_t draw_serving_tier() {
    const snapshot& from = by_.from;
    const std::uint32_t only = from.serving.front().tier;
    if (from.serving.size() == 1 && is_order_all(only)) {
      is_first_ = true;
      draw_tier(only, usable_of(only), std::nullopt);
      is_first_ = false;
      return only;
    }
    // An endpoint on trial by another request does not get the first place.
    std::uint32_t front = draw_position(by_, 0);
    for (std::uint32_t attempt = 1; attempt < most_asked && !can_be_in_front(front); ++attempt) {
      front = draw_position(by_, attempt);
    }
    const std::uint32_t tier = from.set->tier_of[front];
    draw_tier(tier, usable_of(tier), front);
    return tier;
  }

  [[nodiscard]] bool can_be_in_front(std::uint32_t position) const {
    return !is_placed_[position] && (!by_.from.needs_token(position) || is_permit_free_(position));
  }

  /// True if the first place of the policy's full order has the probabilities of a pick: no
  /// endpoint is warming, and only the draw decides.
  [[nodiscard]] bool is_order_all(std::uint32_t tier) const {
    const snapshot& from = by_.from;
    if (by_.options.custom) return false;
    if (by_.options.policy == selection_policy::least_loaded && is_loaded()) return false;
    const serving_tier* const serving = from.find_serving(tier);
    if (serving->ignores_health) return true;
    const indexed_set& set = *from.set;
    const std::span<const candidate> all = set.candidates_of(set.tiers[tier]);
    return std::none_of(all.begin(), all.end(),
                        [&](const candidate& c) { return from.health[c.index].state == health_state::warming; });
  }

  /// Without any load, least_loaded is the same as weighted.
  [[nodiscard]] bool is_loaded() const {
    return std::ranges::any_of(by_.from.set->endpoints,
                               [](const balanced_endpoint& e) { return e.record->stats().in_flight > 0; });
  }

  /// Places all `candidates`, `front` first.
  void draw_tier(std::uint32_t tier, std::vector<candidate> candidates, std::optional<std::uint32_t> front) {
    if (front && !is_placed_[*front]) {
      place(*front);
      std::erase_if(candidates, [&](const candidate& c) { return c.index == *front; });
    }
    if (by_.options.custom && by_.from.find_serving(tier) != nullptr) ask_for_more(tier, candidates);
    if (candidates.empty()) return;

    const std::vector<std::uint32_t> order = order_of(tier, candidates);
    std::vector<std::uint32_t> behind;
    for (const std::uint32_t position : order) {
      const published_health& state = by_.from.health[position];
      const bool gives_way =
          front && state.state == health_state::warming && uniform_below(by_.random, 1000) >= state.share;
      if (gives_way) {
        behind.push_back(position);
      } else {
        place(position);
      }
    }
    for (const std::uint32_t position : behind) place(position);
  }

  std::vector<std::uint32_t> order_of(std::uint32_t tier, std::span<const candidate> candidates) {
    std::vector<std::uint32_t> order(candidates.size());
    if (by_.options.policy == selection_policy::hash && by_.key) {
      order_by_key(candidates, by_.from.set->identities, *by_.key, order);
      return order;
    }
    rule_of(by_.options.policy)
        .draw_order(candidates, pool_, by_.random, order, is_first_ && is_explained_ ? &steps_ : nullptr);
    if (!by_.from.shuffled) return order;
    const tier_range& range = by_.from.set->tiers[tier];
    std::vector<bool> is_listed(range.last - range.first);
    for (const std::uint32_t position : order) is_listed[position - range.first] = true;
    order.clear();
    for (std::uint32_t place = range.first; place < range.last; ++place) {
      const std::uint32_t position = position_at(by_.from.shuffled, place);
      if (is_listed[position - range.first]) order.push_back(position);
    }
    return order;
  }

  /// Asks the user's policy to choose among the rest of its candidates.
  void ask_for_more(std::uint32_t tier, std::vector<candidate>& candidates) {
    std::vector<policy_candidate> left;
    const balanced_endpoint* const base = by_.from.set->endpoints.data();
    for (const policy_candidate& c : by_.from.policy_candidates) {
      const auto position = static_cast<std::uint32_t>(c.endpoint - base);
      if (by_.from.set->tier_of[position] == tier && can_be_in_front(position)) left.push_back(c);
    }
    for (std::size_t asked = 1; asked < most_asked && !left.empty(); ++asked) {
      const std::size_t chosen = std::min(by_.options.custom(left, by_.random, by_.key), left.size() - 1);
      const auto position = static_cast<std::uint32_t>(left[chosen].endpoint - base);
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(chosen));
      std::erase_if(candidates, [position](const candidate& c) { return c.index == position; });
      place(position);
    }
  }

  const chooser& by_;
  const std::function<bool(std::uint32_t)>& is_permit_free_;
  order_pool pool_;
  std::vector<bool> is_placed_;
  bool is_explained_ = false;
  bool is_first_ = false;           // the order being drawn begins the plan
  std::vector<traced_draw> steps_;  // of that order
  attempt_plan plan_;
};

}  // namespace

attempt_plan draw_plan(const chooser& by, const std::function<bool(std::uint32_t)>& is_token_free, explaining how) {
  return plan_drawer(by, is_token_free, how).draw();
}

}  // namespace sdconnect::detail
