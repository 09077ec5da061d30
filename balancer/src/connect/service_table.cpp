#include "connect/service_table.hpp"

#include <algorithm>

namespace sdconnect {
namespace {

/// A TTL that counts down is no change.
bool is_same(const endpoint& a, const endpoint& b) {
  return a.target == b.target && a.port == b.port && a.priority == b.priority && a.weight == b.weight &&
         a.addresses == b.addresses && a.instances == b.instances && a.unresolved == b.unresolved;
}

}  // namespace

service_identity::service_identity(const service_query& query)
    : qname(query.qname),
      version(query.version),
      instance(query.instance),
      subtype(query.subtype),
      default_port(query.default_port),
      same_domain(query.same_domain),
      require_authenticated(query.require_authenticated),
      want_ipv4(query.want_ipv4),
      want_ipv6(query.want_ipv6) {
  for (const txt_condition& condition : query.txt) txt.emplace_back(condition.key, condition.value);
}

attempt_plan served_service::plan(std::chrono::steady_clock::time_point now, std::optional<std::uint64_t> key) {
  attempt_plan made = balance.plan(now, key);
  silent.put_last(made, now);
  return made;
}

void served_service::update(std::span<const endpoint> endpoints, std::chrono::steady_clock::time_point now) {
  const std::shared_ptr<const endpoint_set> known = balance.endpoints();
  if (std::ranges::equal(endpoints, *known, is_same, {}, &balanced_endpoint::where)) return;
  balance.update(endpoints, now);
  addresses.keep_listed(endpoints);
}

std::shared_ptr<served_service> service_table::find(const service_identity& identity, time_point now) {
  const auto at = entries_.find(identity);
  if (at == entries_.end()) return nullptr;
  at->second.used = now;
  return at->second.service;
}

std::shared_ptr<served_service> service_table::add(service_identity identity, const balancer_options& options,
                                                   time_point now) {
  if (entries_.size() >= limit_) make_room();
  auto service = std::make_shared<served_service>(options, now);
  entries_.insert_or_assign(std::move(identity), entry{service, now});
  return service;
}

// Beyond the limit only while all are in use.
void service_table::make_room() {
  auto oldest = entries_.end();
  for (auto at = entries_.begin(); at != entries_.end(); ++at) {
    const bool is_idle = at->second.service.use_count() == 1;
    if (is_idle && (oldest == entries_.end() || at->second.used < oldest->second.used)) oldest = at;
  }
  if (oldest != entries_.end()) entries_.erase(oldest);
}

}  // namespace sdconnect
