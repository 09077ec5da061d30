#include "connect/connector_state.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect {

connector_state::connector_state(resolver finding, const connector_options& with, random_engine random, time_point now)
    : find(std::move(finding)),
      options(with),
      services(with.max_services),
      random_(random),
      limiter_(with.rate, now),
      last_turn_(now) {
  if (with.retries) retries_.emplace(*with.retries, now);
}

service_query connector_state::narrowed(service_query query) const {
  query.want_ipv4 = query.want_ipv4 && options.connecting.use_ipv4;
  query.want_ipv6 = query.want_ipv6 && options.connecting.use_ipv6;
  return query;
}

std::shared_ptr<served_service> connector_state::serve(service_identity identity, const service& found,
                                                       time_point now) {
  const std::uint64_t changes = find.statistics().network_changes;
  if (std::exchange(network_changes_, changes) != changes) reset_health(now);
  std::shared_ptr<served_service> service = services.find(identity, now);
  if (!service) {
    balancer_options with = options.balancing;
    if (!with.seed) with.seed = random_();
    service = services.add(std::move(identity), with, now);
  }
  service->update(found, now);
  service->balance.advance(now);
  return service;
}

void connector_state::clear(const service_identity& identity, time_point now) {
  if (const auto service = services.find(identity, now)) service->update({}, now);
}

void connector_state::reset_health(time_point now) {
  services.for_each([now](const service_identity&, served_service& service) {
    service.balance.reset_health(now);
    service.addresses.clear();
  });
}

void connector_state::on_request(time_point now) noexcept {
  if (retries_) retries_->on_request(now);
}

bool connector_state::take_retry(time_point now) noexcept { return !retries_ || retries_->try_retry(now); }

// The limiter is asked at the time of the turn, not now: turns that are given out lie in its past.
std::optional<connector_state::time_point> connector_state::take_turn(time_point now, time_point latest) noexcept {
  const time_point after = std::max(now, last_turn_);
  const time_point turn = limiter_.next(after);
  if (turn > latest || !limiter_.try_attempt(turn)) return std::nullopt;
  last_turn_ = turn;
  return turn;
}

}  // namespace sdconnect
