#include "connect/race/balanced_race.hpp"

#include "connect/race/attempt_targets.hpp"
#include "connect/race/earlier_attempts.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>
#include <utility>

namespace sdconnect::detail {
namespace {

constexpr std::size_t unknown = std::numeric_limits<std::size_t>::max();

}  // namespace

balanced_race::balanced_race(std::shared_ptr<service_memory> known, connect_limits& limits, const race_options& options,
                             attempt_plan plan, time_point now)
    : known_(std::move(known)),
      limits_(limits),
      options_(options),
      race_(place_all(std::move(plan), now), options, *this) {}

balanced_race::~balanced_race() {
  for (use& one : uses_) hear_from(one);
}

race::step balanced_race::start(time_point now) {
  if (!options_.earlier) limits_.on_request(now);
  return race_.start(now);
}

race::step balanced_race::on_connected(std::size_t candidate, time_point now) {
  return race_.on_connected(candidate, now);
}

race::step balanced_race::on_failed(std::size_t candidate, error_code ec, time_point now) {
  return race_.on_failed(candidate, ec, now);
}

race::step balanced_race::on_timer(time_point now) { return race_.on_timer(now); }

race::step balanced_race::stop(error_code status, time_point now) { return race_.stop(status, now); }

race::step balanced_race::more(attempt_plan fresh, time_point now) {
  return race_.add(place_all(std::move(fresh), now), now);
}

const endpoint& balanced_race::endpoint_of(std::size_t candidate) const {
  return places_[race_.candidate(candidate).endpoint].latest->where;
}

std::vector<connect_attempt> balanced_race::attempts() const {
  return attempts_of(race_, [this](std::size_t e) -> const endpoint& { return places_[e].latest->where; });
}

std::optional<endpoint_use> balanced_race::take_use() {
  if (!race_.winner()) return {};
  const auto found = std::ranges::find(uses_, race_.candidate(*race_.winner()).endpoint, &use::endpoint);
  if (found == uses_.end()) return {};
  std::optional<endpoint_use> out(std::move(found->held));
  uses_.erase(found);
  return out;
}

connect_conclusion balanced_race::conclude() {
  connect_conclusion out =
      conclusion_of(race_, [this](std::size_t e) -> const endpoint& { return places_[e].latest->where; });
  out.held = take_use();
  return out;
}

const balanced_endpoint& balanced_race::placed(std::size_t endpoint) const {
  const place& p = places_[endpoint];
  return (*plans_[p.plan].set)[p.index];
}

// Returns the race's endpoint for each place of the plan's order: one with the same target and
// port, and with the same priority if there are several. Empty if the race has no endpoints.
std::vector<std::size_t> balanced_race::find_known(const attempt_plan& plan) const {
  if (places_.empty()) return {};
  std::vector<std::size_t> out(plan.order.size(), unknown);
  const auto key_at = [&](std::size_t endpoint) { return endpoint_key(places_[endpoint].latest->where); };
  std::vector<std::size_t> sorted(places_.size());
  std::iota(sorted.begin(), sorted.end(), std::size_t{0});
  std::ranges::stable_sort(sorted, {}, key_at);
  for (std::size_t at = 0; at < out.size(); ++at) {
    const endpoint& wanted = plan[at].where;
    auto same = std::ranges::lower_bound(sorted, endpoint_key(wanted), {}, key_at);
    for (; same != sorted.end() && key_at(*same) == endpoint_key(wanted); ++same) {
      const bool is_of_tier = places_[*same].latest->where.priority == wanted.priority;
      if (out[at] == unknown || is_of_tier) out[at] = *same;
      if (is_of_tier) break;
    }
  }
  return out;
}

// An endpoint in use keeps its place in its own plan, and so does one whose health decides there
// whether and when it may be used; unless the endpoint has left DNS and come back: then nothing can
// be acquired at the old place.
bool balanced_race::keeps_place(std::size_t endpoint, bool is_usable_now) const {
  if (!race_.is_in_progress(endpoint) || placed(endpoint).record->is_draining()) return false;
  const place& p = places_[endpoint];
  const attempt_plan& own = plans_[p.plan];
  const bool is_usable = p.at < own.usable && own.order[p.at] == p.index;
  return !is_usable || !is_usable_now || std::ranges::find(uses_, endpoint, &use::endpoint) != uses_.end();
}

// A plan keeps a set of endpoints alive, and a service may change many times during a connect
// (FAULTS O7).
void balanced_race::drop_unused_plans() {
  std::vector<bool> is_used(plans_.size());
  for (const place& p : places_) is_used[p.plan] = is_used[p.latest_plan] = true;
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    if (!is_used[i]) plans_[i] = {};
  }
}

// Returns the candidates of a plan; new endpoints get places behind the known ones.
std::vector<attempt_target> balanced_race::place_all(attempt_plan plan, time_point now) {
  const std::vector<std::size_t> known = find_known(plan);
  const auto number = static_cast<std::uint32_t>(plans_.size());
  const std::size_t known_count = places_.size();
  places_.reserve(known_count + plan.order.size());
  std::vector<bool> is_taken(known_count);
  std::vector<const endpoint*> order;
  order.reserve(plan.order.size());
  struct target_endpoint {
    std::size_t endpoint = 0;
    bool is_last_resort = false;
  };
  std::vector<target_endpoint> endpoints;  // by place in `order`
  endpoints.reserve(plan.order.size());
  for (std::size_t at = 0; at < plan.order.size(); ++at) {
    const place here{&plan[at], number, number, plan.order[at], at};
    std::size_t endpoint = known.empty() ? unknown : known[at];
    if (endpoint == unknown) {
      endpoint = places_.size();
      places_.push_back(here);
    } else {
      if (is_taken[endpoint]) continue;  // listed under another priority, too
      is_taken[endpoint] = true;
      const bool is_kept = keeps_place(endpoint, at < plan.usable);
      places_[endpoint].latest = here.latest;
      places_[endpoint].latest_plan = number;
      if (!is_kept) places_[endpoint] = here;
    }
    order.push_back(&here.latest->where);
    endpoints.push_back({endpoint, at >= plan.usable});
  }
  plans_.push_back(std::move(plan));
  drop_unused_plans();

  std::vector<attempt_target> out = attempt_targets(
      order, options_.use_ipv4, options_.use_ipv6,
      {.failed_lately = [&](const endpoint& e,
                            const ip_address& address) { return known_->addresses.failed_lately(e, address, now); },
       .turn = [&](const endpoint& e) { return known_->addresses.turn(e); },
       .admits = options_.admits});
  if (options_.earlier) {
    std::erase_if(out,
                  [&](const attempt_target& c) { return options_.earlier->has_tried(*order[c.endpoint], c.address); });
  }
  for (attempt_target& c : out) {
    const target_endpoint& its = endpoints[c.endpoint];
    c.is_last_resort = its.is_last_resort;
    c.endpoint = its.endpoint;
  }
  return out;
}

bool balanced_race::may_use(std::size_t endpoint, bool as_last_resort, time_point now) {
  place& p = places_[endpoint];
  attempt_plan& plan = plans_[p.plan];
  if (plan.order[p.at] != p.index) {
    p.at = static_cast<std::size_t>(std::ranges::find(plan.order, p.index) - plan.order.begin());
  }
  if (std::optional<endpoint_use> held = known_->balance.try_acquire(plan, p.at, now)) {
    const time_point head_start_end = now + race::head_start(options_.attempt_delay);
    known_->silent.begin(held->record(), head_start_end);
    known_->addresses.take_turn(p.latest->where);
    uses_.push_back({endpoint, *std::move(held), head_start_end});
    return true;
  }
  if (!as_last_resort) plan.postpone(p.at);
  return false;
}

bool balanced_race::has_left(std::size_t endpoint) const { return placed(endpoint).record->is_draining(); }

std::optional<balanced_race::time_point> balanced_race::take_turn(time_point now, time_point latest) {
  return limits_.take_turn(now, latest);
}

void balanced_race::on_address(const attempt_target& candidate, outcome_kind outcome, time_point now) {
  known_->addresses.note(places_[candidate.endpoint].latest->where, candidate.address, outcome, now);
}

void balanced_race::on_endpoint(std::size_t endpoint, outcome_kind outcome, std::chrono::microseconds elapsed,
                                time_point now) {
  const auto found = std::ranges::find(uses_, endpoint, &use::endpoint);
  if (found == uses_.end()) return;
  hear_from(*found);
  found->held.report(outcome, elapsed, now);
  if (outcome != outcome_kind::connected) uses_.erase(found);
}

void balanced_race::hear_from(use& one) {
  if (one.head_start_end) known_->silent.end(one.held.record(), *one.head_start_end);
  one.head_start_end.reset();
}

}  // namespace sdconnect::detail
