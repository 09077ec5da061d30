// A zone that changes continuously, and a watcher that must follow it.
#include "unit/resolver/paper_views.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

constexpr auto the_type = "_x._tcp.example.com";
constexpr unsigned instance_count = 4, host_count = 3;

std::string instance(unsigned i) { return 'v' + std::to_string(i) + "._x._tcp.example.com"; }
std::string host(unsigned i) { return 'h' + std::to_string(i) + ".example.com"; }

// Changes one record set at a time, each with a TTL of 5 to 9 s.
struct restless_zone {
  paper_dns& dns;
  std::function<std::uint32_t()> random = seeded(2026);
  std::set<unsigned> listed;

  explicit restless_zone(paper_dns& in) : dns(in) {
    dns.negative_ttl = 6s;
    dns.txt(the_type, "");  // the name exists, independent of other records
    for (unsigned i = 0; i < instance_count; ++i) set_srv(i);
    for (unsigned i = 0; i < host_count; ++i) set_host(i);
    list();
  }
  unsigned below(unsigned n) { return (random() >> 8) % n; }
  std::chrono::seconds ttl() { return std::chrono::seconds(5 + below(5)); }
  void list() {
    std::vector<std::string> names;
    for (const unsigned i : listed) names.push_back(instance(i));
    dns.ptr(the_type, names);
    auto& written = dns.results.at({name_of(the_type), rr_type::ptr});
    written.answer.ttl = ttl();
    if (names.empty()) dns.results.erase({name_of(the_type), rr_type::ptr});
  }
  void set_srv(unsigned i) {
    const question q{name_of(instance(i)), rr_type::srv};
    if (below(8) == 0) {
      dns.results.erase(q);
      return;
    }
    dns.data(instance(i), rr_type::srv,
             std::vector{srv_of(static_cast<std::uint16_t>(below(2)), static_cast<std::uint16_t>(below(3)),
                                static_cast<std::uint16_t>(80 + below(2)), host(below(host_count)))},
             ttl());
  }
  void set_host(unsigned i) {
    if (below(8) == 0) {
      dns.results.erase({name_of(host(i)), rr_type::a});
      return;
    }
    dns.a(host(i), {"192.0.2." + std::to_string(below(200))});
    dns.results.at({name_of(host(i)), rr_type::a}).answer.ttl = ttl();
  }
  void change() {
    switch (below(3)) {
      case 0: {
        const unsigned i = below(instance_count);
        if (!listed.erase(i)) listed.insert(i);
        return list();
      }
      case 1: return set_srv(below(instance_count));
      default: return set_host(below(host_count));
    }
  }
};

using facts = std::set<std::string>;

std::string srv_fact(const name& owner, const name& target, unsigned port, unsigned priority) {
  return owner.to_text() + " at " + target.to_text() + ':' + std::to_string(port) + " in " + std::to_string(priority);
}

// An endpoint with its instances: it depends on the same record sets for as long as it exists.
std::string fact_of(const endpoint& e) {
  std::string fact = srv_fact(e.target, e.target, e.port, e.priority) + ' ' + std::to_string(e.weight);
  std::set<std::string> rest;
  for (const name& n : e.instances) rest.insert(n.to_text());
  for (const ip_address& address : e.addresses) rest.insert(address.to_text());
  for (const std::string& part : rest) fact += ' ' + part;
  return fact;
}

facts endpoints_of(const service& s) {
  facts out;
  for (const endpoint& e : s.endpoints) out.insert(fact_of(e));
  return out;
}

// Another instance may have moved to the same target and may no longer be listed: the view then
// joins its new SRV record with the old list. The check of single records decides whether that is
// still allowed.
bool is_part_of(const service& view, const endpoint& e) {
  const auto holds = [](const auto& all, const auto& some) {
    return std::ranges::all_of(some, [&](const auto& one) { return std::ranges::find(all, one) != all.end(); });
  };
  return std::ranges::any_of(view.endpoints, [&](const endpoint& v) {
    return v.target == e.target && v.port == e.port && v.priority == e.priority &&
           v.instances.size() > e.instances.size() && holds(v.instances, e.instances) &&
           holds(v.addresses, e.addresses);
  });
}

// The facts of single records; a view may join new records with old ones.
facts records_in(const service& s) {
  facts out;
  for (const endpoint& e : s.endpoints) {
    for (const name& n : e.instances) out.insert({"listed " + n.to_text(), srv_fact(n, e.target, e.port, e.priority)});
    for (const ip_address& address : e.addresses) out.insert(e.target.to_text() + ' ' + address.to_text());
  }
  return out;
}
facts records_in(const paper_dns& dns) {
  facts out;
  for (const auto& [q, result] : dns.results) {
    if (const auto* names = std::get_if<std::vector<name>>(&result.answer.records)) {
      for (const name& n : *names) out.insert("listed " + n.to_text());
    }
    if (const auto* records = std::get_if<std::vector<srv_record>>(&result.answer.records)) {
      for (const srv_record& r : *records) out.insert(srv_fact(q.qname, r.target, r.port, r.priority));
    }
    if (const auto* addresses = std::get_if<std::vector<ip_address>>(&result.answer.records)) {
      for (const ip_address& address : *addresses) out.insert(q.qname.to_text() + ' ' + address.to_text());
    }
  }
  return out;
}

}  // namespace

TEST_CASE("watch: through 10,000 changes the live set is the zone's of a TTL and a second ago, at every step",
          "[resolver][watch][fault-S23][fault-C8]") {
  constexpr auto longest = 9s + 1s;
  paper_router world;
  restless_zone zone(world.dns);
  service_query query = query_of(the_type);
  query.want_ipv6 = false;
  query.want_txt = false;
  paper_view watcher(world, query, watching(5s));
  watcher.warm();

  std::map<std::string, boot_clock::time_point> endpoint_since, record_until;
  std::map<std::string, endpoint> endpoints;
  std::size_t wrong = 0;
  service replayed;  // built from events alone
  std::map<std::string, endpoint> live;
  for (int step = 0; step < 10'000; ++step) {
    for (const std::string& fact : records_in(world.dns)) record_until[fact] = world.now;
    zone.change();
    paper_dns truth = world.dns;
    std::map<std::string, endpoint> now_there;
    for (const endpoint& e : conclude(query, truth).found.endpoints) now_there.emplace(fact_of(e), e);
    for (const auto& [fact, e] : now_there) {
      if (!endpoints.contains(fact)) endpoint_since[fact] = world.now;
    }
    endpoints = std::move(now_there);
    watcher.run(std::chrono::milliseconds(zone.below(4000)));

    const service& view = *watcher.live->view();
    const facts seen = endpoints_of(view);
    for (const auto& [fact, e] : endpoints) {
      if (world.now - endpoint_since[fact] > longest && !seen.contains(fact) && !is_part_of(view, e)) ++wrong;
    }
    const facts records = records_in(world.dns);
    for (const std::string& fact : records_in(view)) {
      if (!records.contains(fact) && world.now - record_until[fact] > longest) ++wrong;
    }
    for (const watch_event& e : watcher.events()) {
      const endpoint& at = e.after ? *e.after : *e.before;
      const std::string key = at.target.to_text() + ':' + std::to_string(at.port) + ' ';
      if (e.before) wrong += live.erase(key + std::to_string(e.before->priority)) == 1 ? 0 : 1;
      if (e.after) live.insert_or_assign(key + std::to_string(e.after->priority), *e.after);
    }
    replayed.endpoints.clear();
    for (const auto& [key, e] : live) replayed.endpoints.push_back(e);
    if (endpoints_of(replayed) != seen) ++wrong;
    INFO("step " << step);
    REQUIRE(wrong == 0);
  }
}
