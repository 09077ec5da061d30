#include "connect/service_table.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <vector>

namespace sdconnect {
namespace {

/// A TTL that counts down is no change.
bool is_same(const endpoint& a, const endpoint& b) {
  return a.target == b.target && a.port == b.port && a.priority == b.priority && a.weight == b.weight &&
         a.addresses == b.addresses && a.instances == b.instances && a.unresolved == b.unresolved;
}

/// No answer, which is another thing than the answer that there is nothing (decision 0008).
bool is_unanswered(error_code ec) {
  return ec && ec != condition::absent && ec != errc::service_unavailable && ec != errc::refused_address;
}

/// The endpoints found, and those known before of which nothing was answered.
std::vector<endpoint> with_unanswered(const service& found, const endpoint_set& known) {
  using identity = std::tuple<name, std::uint16_t, std::uint16_t>;
  const auto identity_of = [](const endpoint& e) { return identity(e.target, e.port, e.priority); };
  std::vector<endpoint> endpoints = found.endpoints;
  std::set<name> unanswered;
  for (const service_instance& instance : found.instances) {
    if (is_unanswered(instance.status)) unanswered.insert(instance.fullname);
  }
  const auto is_open = [](const endpoint& e) { return is_unanswered(e.unresolved); };
  if (unanswered.empty() && std::ranges::none_of(endpoints, is_open)) return endpoints;

  std::map<identity, const endpoint*> left;
  for (const balanced_endpoint& k : known) left.emplace(identity_of(k.where), &k.where);
  for (endpoint& e : endpoints) {
    const auto before = left.extract(identity_of(e));
    if (before.empty() || !is_open(e) || before.mapped()->addresses.empty()) continue;
    e.addresses = before.mapped()->addresses;
    e.unresolved = {};
  }
  for (const auto& [key, e] : left) {
    const auto is_of_unanswered = [&](const name& instance) { return unanswered.contains(instance); };
    if (std::ranges::any_of(e->instances, is_of_unanswered)) endpoints.push_back(*e);
  }
  return endpoints;
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

void served_service::update(const service& found, std::chrono::steady_clock::time_point now) {
  const std::shared_ptr<const endpoint_set> known = balance.endpoints();
  if (std::ranges::equal(found.endpoints, *known, is_same, {}, &balanced_endpoint::where)) return;
  const std::vector<endpoint> endpoints = with_unanswered(found, *known);
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
