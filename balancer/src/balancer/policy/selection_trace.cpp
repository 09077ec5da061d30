#include "sdconnect/balancer/selection_trace.hpp"

#include "balancer/order/draws.hpp"
#include "balancer/order/traced_draw.hpp"
#include "balancer/policy/least_loaded.hpp"
#include "balancer/policy/policy_table.hpp"
#include "balancer/policy/rendezvous.hpp"
#include "sdconnect/balancer/selection.hpp"

#include <algorithm>
#include <array>

namespace sdconnect {
namespace {

using detail::candidate;

/// Returns the verdict from DNS data alone: the conditions of is_usable.
endpoint_verdict verdict_by_dns(const endpoint& e) noexcept {
  if (e.target.is_root()) return endpoint_verdict::no_target;
  if (e.port == 0) return endpoint_verdict::no_port;
  if (e.unresolved) return endpoint_verdict::unresolved;
  return endpoint_verdict::other_tier;
}

/// The steps of a choice:
///  1. Exclude endpoints that cannot be tried, and those that are down.
///  2. The lowest priority that has one left serves. If none is left at all, health is ignored.
///  3. The policy chooses among the usable ones of that tier.
class tracing {
 public:
  tracing(std::span<const endpoint> endpoints, selection_policy policy, const selection_input& input)
      : endpoints_(endpoints), input_(input) {
    trace_.policy = policy;
  }

  selection_trace run(random_engine& random) {
    judge();
    find_tier();
    if (candidates_.empty()) return std::move(trace_);
    for (const candidate& c : candidates_) trace_.sum += c.weight;
    choose(random);
    tell_loads();
    return std::move(trace_);
  }

  /// Traces a choice that was made already; `steps` are those of its order, empty if they are not
  /// known.
  selection_trace run_as(std::span<const traced_draw> steps, std::uint32_t chosen) {
    judge();
    find_tier();
    for (const candidate& c : candidates_) trace_.sum += c.weight;
    const bool is_by_key = trace_.policy == selection_policy::hash && input_.key;
    if (is_by_key) {
      follow_key();
    } else if (steps.empty()) {
      keep_order();
    } else {
      trace_.draws = {steps.front()};
      trace_.candidates = detail::shuffled(candidates_, steps.front());
    }
    trace_.chosen = chosen;
    tell_loads();
    return std::move(trace_);
  }

 private:
  void tell_loads() {
    if (!input_.in_flight.empty()) {
      for (traced_candidate& c : trace_.candidates) c.in_flight = input_.in_flight[c.index];
    }
  }

  void judge() {  // 1.
    for (std::size_t i = 0; i < endpoints_.size(); ++i) {
      const bool is_down = !input_.health.empty() && input_.health[i].state == health_state::down;
      const endpoint_verdict by_dns = verdict_by_dns(endpoints_[i]);
      trace_.verdicts.push_back(by_dns == endpoint_verdict::other_tier && is_down ? endpoint_verdict::down : by_dns);
    }
  }

  void find_tier() {  // 2.
    std::vector<endpoint_verdict>& verdicts = trace_.verdicts;
    if (std::ranges::find(verdicts, endpoint_verdict::other_tier) == verdicts.end()) {
      trace_.is_panic = std::ranges::find(verdicts, endpoint_verdict::down) != verdicts.end();
      std::ranges::replace(verdicts, endpoint_verdict::down, endpoint_verdict::other_tier);
    }
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
      if (verdicts[i] != endpoint_verdict::other_tier) continue;
      trace_.priority = std::min(trace_.priority.value_or(endpoints_[i].priority), endpoints_[i].priority);
    }
    for (std::uint32_t i = 0; i < verdicts.size(); ++i) {
      if (verdicts[i] != endpoint_verdict::other_tier || endpoints_[i].priority != *trace_.priority) continue;
      verdicts[i] = endpoint_verdict::candidate;
      candidates_.push_back({i, endpoints_[i].weight});
    }
    std::ranges::stable_sort(candidates_, [&](const candidate& a, const candidate& b) {
      return is_listed_before(endpoints_[a.index], endpoints_[b.index]);
    });
  }

  void choose(random_engine& random) {  // 3.
    switch (trace_.policy) {
      case selection_policy::rfc2782:
      case selection_policy::weighted: return draw(random);
      case selection_policy::ordered: return keep_order();
      case selection_policy::least_loaded: return input_.in_flight.empty() ? draw(random) : compare_two(random);
      case selection_policy::hash: return input_.key ? follow_key() : draw(random);
    }
  }

  /// Draws the first of an order repeatedly, until the selected one is not warming or a second draw
  /// against its thousandths keeps it. So the probability of each is its part of the draw times its
  /// share, divided by the sum of these products.
  void draw(random_engine& random) {
    std::uint32_t first = 0;
    do {
      detail::rule_of(trace_.policy).draw_order(candidates_, pool_, random, {&first, 1}, &trace_.draws);
      const std::uint64_t share = candidates_.size() == 1 ? 1000 : share_of(first);
      if (share >= 1000) continue;
      traced_draw& told = trace_.draws.back();
      told.warming = {0, 999, uniform_below(random, 1000)};
      told.is_kept = told.warming->number < share;
    } while (!trace_.draws.back().is_kept);
    trace_.candidates = detail::shuffled(candidates_, trace_.draws.back());
    trace_.chosen = first;
  }

  void compare_two(random_engine& random) {
    const auto draw_one = [&] {
      draw(random);
      return trace_.compared.emplace_back(*trace_.chosen);
    };
    const auto load = [this](std::uint32_t index) { return input_.in_flight[index]; };
    const auto mass = [this](std::uint32_t index) { return mass_of(endpoints_[index].weight, index); };
    trace_.chosen = detail::pick_less_loaded(draw_one, load, mass);
  }

  void keep_order() {
    for (const candidate& c : candidates_) trace_.candidates.push_back({.index = c.index});
    trace_.chosen = candidates_.front().index;
  }

  void follow_key() {
    trace_.key = input_.key;
    for (const candidate& c : candidates_) {
      const std::uint64_t identity = detail::endpoint_identity(endpoints_[c.index]);
      const double score = detail::number_of_key(*input_.key, identity, mass_of(c.weight, c.index));
      trace_.candidates.push_back({.index = c.index, .score = score});
    }
    const auto has_no_mass = [&](const traced_candidate& c) {
      return mass_of(endpoints_[c.index].weight, c.index) == 0;
    };
    std::ranges::stable_sort(trace_.candidates, [&](const traced_candidate& a, const traced_candidate& b) {
      return has_no_mass(a) != has_no_mass(b) ? has_no_mass(b) : a.score < b.score;
    });
    trace_.chosen = trace_.candidates.front().index;
  }

  [[nodiscard]] bool is_health_known() const { return !input_.health.empty() && !trace_.is_panic; }

  /// In thousandths; a candidate that can be chosen has at least one.
  [[nodiscard]] std::uint64_t share_of(std::uint32_t index) const {
    if (!is_health_known()) return 1000;
    return std::max<std::uint64_t>(input_.health[index].weight_share, 1);
  }

  /// Returns the candidate's part of the whole under policy weighted.
  [[nodiscard]] std::uint64_t mass_of(std::uint64_t weight, std::uint32_t index) const {
    const std::uint64_t healthy = trace_.sum == 0 ? 1 : weight;
    return is_health_known() ? healthy * share_of(index) : healthy;
  }

  std::span<const endpoint> endpoints_;
  selection_input input_;
  std::vector<candidate> candidates_;  // in the order of is_listed_before: zero weights last
  detail::order_pool pool_;
  selection_trace trace_;
};

}  // namespace

std::string_view to_string(endpoint_verdict verdict) noexcept {
  switch (verdict) {
    case endpoint_verdict::candidate: return "candidate";
    case endpoint_verdict::other_tier: return "other tier";
    case endpoint_verdict::no_target: return "no target";
    case endpoint_verdict::no_port: return "no port";
    case endpoint_verdict::unresolved: return "unresolved";
    case endpoint_verdict::down: return "down";
  }
  return "unknown";
}

selection_trace detail::trace_of_order(std::span<const endpoint> endpoints, selection_policy policy,
                                       const selection_input& input, std::span<const traced_draw> steps,
                                       std::uint32_t chosen) {
  return tracing(endpoints, policy, input).run_as(steps, chosen);
}

selection_trace trace_selection(std::span<const endpoint> endpoints, selection_policy policy, random_engine& random,
                                const selection_input& input) {
  return tracing(endpoints, policy, input).run(random);
}

}  // namespace sdconnect
