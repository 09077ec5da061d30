#include "connect/balanced_context.hpp"

#include "connect/race.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect {

balanced_context::balanced_context(std::shared_ptr<connector_state> state, std::shared_ptr<served_service> service,
                                   attempt_plan plan)
    : state_(std::move(state)), service_(std::move(service)), order_(plan.order), plan_(std::move(plan)) {}

bool balanced_context::may_use(std::size_t endpoint, bool as_last_resort, time_point now) {
  std::size_t at = endpoint;
  if (plan_.order[at] != order_[endpoint]) {
    at = static_cast<std::size_t>(std::ranges::find(plan_.order, order_[endpoint]) - plan_.order.begin());
  }
  std::optional<lease> place = service_->balance.try_acquire(plan_, at, now);
  if (place) {
    const time_point head_start_end = now + race::head_start(state_->options.connecting.attempt_delay);
    service_->silent.begin(place->record(), head_start_end);
    unanswered_.emplace(endpoint, head_start_end);
    leases_.emplace(endpoint, *std::move(place));
    return true;
  }
  if (!as_last_resort) plan_.postpone(at);
  return false;
}

bool balanced_context::has_left(std::size_t endpoint) const {
  return (*plan_.set)[order_[endpoint]].record->is_draining();
}

balanced_context::~balanced_context() {
  while (!unanswered_.empty()) forget_attempt(unanswered_.begin()->first);
}

void balanced_context::forget_attempt(std::size_t endpoint) {
  const auto node = unanswered_.extract(endpoint);
  if (!node.empty()) service_->silent.end(*(*plan_.set)[order_[endpoint]].record, node.mapped());
}

bool balanced_context::take_retry(time_point now) { return state_->take_retry(now); }

std::optional<race_context::time_point> balanced_context::take_turn(time_point now, time_point latest) {
  return state_->take_turn(now, latest);
}

void balanced_context::on_address(const race_candidate& candidate, outcome_kind outcome, time_point now) {
  const endpoint& of = (*plan_.set)[order_[candidate.endpoint]].where;
  service_->addresses.note(of, candidate.address, outcome, now);
}

void balanced_context::on_endpoint(std::size_t endpoint, outcome_kind outcome, std::chrono::microseconds elapsed,
                                   time_point now) {
  const auto place = leases_.find(endpoint);
  if (place == leases_.end()) return;
  forget_attempt(endpoint);
  place->second.report(outcome, elapsed, now);
  if (outcome != outcome_kind::connected) leases_.erase(place);
}

std::optional<lease> balanced_context::take_lease(std::size_t endpoint) {
  const auto place = leases_.find(endpoint);
  if (place == leases_.end()) return {};
  std::optional<lease> out(std::move(place->second));
  leases_.erase(place);
  return out;
}

}  // namespace sdconnect
