#include "connect/connector_state.hpp"

#include <utility>

namespace sdconnect {

connector_state::connector_state(resolver finding, const connector_options& with, random_engine random, time_point now)
    : find(std::move(finding)),
      options(with),
      services(with.max_services),
      limits(with.retries, with.rate, now),
      random_(random) {}

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
  services.for_each([now](const service_identity&, served_service& service) { service.reset_health(now); });
}

}  // namespace sdconnect
