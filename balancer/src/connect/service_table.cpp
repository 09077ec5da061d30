#include "connect/service_table.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace sdconnect {
namespace {

/// A TTL that counts down is no change.
bool is_same(const endpoint& a, const endpoint& b) {
  return a.target == b.target && a.port == b.port && a.priority == b.priority && a.weight == b.weight &&
         a.addresses == b.addresses && a.instances == b.instances && a.unresolved == b.unresolved;
}

/// No answer, which is another thing than the answer that there is nothing (decision 0008).
bool is_unanswered(error_code ec) { return ec && ec != condition::absent && ec != errc::service_unavailable; }

bool is_of(rr_type family, const ip_address& one) { return one.is_v4() == (family == rr_type::a); }

/// Adds the addresses known before of a family that was neither found nor answered.
void keep_addresses(const service& found, const endpoint_set& known, std::vector<endpoint>& endpoints) {
  std::set<std::pair<name, rr_type>> answered;
  for (const query_report& report : found.queries) {
    if (!is_unanswered(report.status)) answered.emplace(report.asked.qname, report.asked.type);
  }
  std::map<name, const std::vector<ip_address>*> addresses;
  for (const balanced_endpoint& k : known) {
    if (!k.where.addresses.empty()) addresses.emplace(k.where.target, &k.where.addresses);
  }
  for (endpoint& e : endpoints) {
    const auto before = addresses.find(e.target);
    if (before == addresses.end()) continue;
    for (const rr_type family : {rr_type::a, rr_type::aaaa}) {
      const auto is_wanted = [family](const ip_address& one) { return is_of(family, one); };
      if (std::ranges::any_of(e.addresses, is_wanted) || answered.contains({e.target, family})) continue;
      std::ranges::copy_if(*before->second, std::back_inserter(e.addresses), is_wanted);
    }
    if (!e.addresses.empty()) e.unresolved = {};
  }
}

/// Adds the endpoints known before that instances without an answer led to, and no others do.
void keep_endpoints(const service& found, const endpoint_set& known, std::vector<endpoint>& endpoints) {
  std::set<name> unanswered;
  for (const service_instance& instance : found.instances) {
    if (is_unanswered(instance.status)) unanswered.insert(instance.fullname);
  }
  if (unanswered.empty()) return;

  using identity = std::tuple<name, std::uint16_t, std::uint16_t>;
  const auto identity_of = [](const endpoint& e) { return identity(e.target, e.port, e.priority); };
  const auto is_open = [&](const name& instance) { return unanswered.contains(instance); };
  std::map<identity, endpoint> left;
  for (const balanced_endpoint& k : known) {
    endpoint kept = k.where;
    std::erase_if(kept.instances, std::not_fn(is_open));
    if (!kept.instances.empty()) left.emplace(identity_of(kept), std::move(kept));
  }
  for (endpoint& e : endpoints) {
    const auto before = left.extract(identity_of(e));
    if (before.empty()) continue;
    for (const name& instance : before.mapped().instances) {
      if (std::ranges::find(e.instances, instance) == e.instances.end()) e.instances.push_back(instance);
    }
  }
  for (auto& [key, kept] : left) {
    if (endpoints.size() == max_endpoints) return;
    endpoints.push_back(std::move(kept));
  }
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

void served_service::update(const service& found, time_point now) {
  const std::shared_ptr<const endpoint_set> known = balance.endpoints();
  if (std::ranges::equal(found.endpoints, *known, is_same, {}, &balanced_endpoint::where)) return;
  std::vector<endpoint> endpoints = found.endpoints;
  keep_addresses(found, *known, endpoints);
  keep_endpoints(found, *known, endpoints);
  take(endpoints, now);
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
