// Zones whose records lead to each other in any number: the walk keeps a bounded amount of them.
#include "support/heap_meter.hpp"
#include "unit/resolver/paper_dns.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;

namespace {

constexpr std::size_t mib = std::size_t{1} << 20;

// A zone as a function, because one as data would be larger than the walk.
struct endless_zone {
  std::size_t instances = 0;
  std::function<std::vector<srv_record>(std::size_t instance)> srv = {};
  std::function<std::vector<ip_address>(const name& host)> addresses = {};
  std::function<txt_record(std::size_t instance)> txt = {};
  std::function<std::vector<rrset>(std::size_t instance)> additional = {};
  bool has_aliases = false;  ///< of "shared", for all instances

  [[nodiscard]] answer answer_to(const question& q) const {
    static const name the_type = name_of("_x._tcp.example.com");
    answer out;
    out.canonical = q.qname;
    out.ttl = std::chrono::seconds(60);
    out.status = errc::no_data;
    const std::string label(q.qname.first_label());
    if (q.qname == the_type) {
      if (q.type == rr_type::ptr) records(out, instance_names(the_type));
    } else if (q.type == rr_type::srv && has_aliases && label != "shared") {
      out.status = errc::empty_answer;
      out.alias_count = 1;
      out.canonical = *the_type.child("shared");
    } else if (q.type == rr_type::srv) {
      const std::size_t instance = label == "shared" ? 0 : std::stoul(label.substr(1));
      records(out, srv(instance));
      if (additional) out.additional = additional(instance);
    } else if (q.type == rr_type::txt && txt) {
      records(out, std::vector{txt(std::stoul(label.substr(1)))});
    } else if (q.type == rr_type::a) {
      records(out, addresses ? addresses(q.qname) : std::vector{ip_address::v4({127, 0, 0, 1})});
    }
    return out;
  }

 private:
  static void records(answer& out, rrset_data data) {
    out.status = {};
    out.records = std::move(data);
  }
  [[nodiscard]] std::vector<name> instance_names(const name& type) const {
    std::vector<name> out;
    for (std::size_t i = 0; i < instances; ++i) out.push_back(*type.child("i" + std::to_string(i)));
    return out;
  }
};

struct outcome {
  walk::conclusion end;
  std::size_t peak = 0;
  std::size_t asked = 0;
  std::size_t most_under_way = 0;

  [[nodiscard]] bool fits(std::size_t octets) const { return !heap_meter::is_counting() || peak <= octets; }
};

outcome walk_through(const endless_zone& zone, bool wants_txt = false) {
  service_query query = query_of("_x._tcp.example.com");
  query.want_ipv6 = false;
  query.want_txt = wants_txt;
  outcome out;
  const heap_meter meter;
  walk w(query);
  std::deque<question> under_way;
  for (walk::step step = w.start(); !step.done;) {
    under_way.insert(under_way.end(), step.ask.begin(), step.ask.end());
    out.most_under_way = std::max(out.most_under_way, under_way.size());
    const question q = under_way.front();
    under_way.pop_front();
    query_result result;
    result.answer = zone.answer_to(q);
    result.report.asked = q;
    result.report.status = result.answer.status;
    ++out.asked;
    step = w.on_result(q, looked_up(std::move(result)), {});
  }
  out.end = w.conclude(errc::query_timed_out);
  out.peak = meter.peak();
  return out;
}

name host(std::size_t number) { return name_of("t" + std::to_string(number) + ".example.com"); }

std::vector<srv_record> many(std::size_t count, std::uint16_t priority = 0, std::size_t first = 0) {
  std::vector<srv_record> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back({priority, 2, 80, host(first + i)});
  return out;
}

}  // namespace

TEST_CASE("walk: any number of aliases of one name lead to one copy of its records", "[resolver][fault-O7]") {
  const endless_zone zone{.instances = 1000, .srv = [](auto) { return many(2500); }, .has_aliases = true};
  const outcome out = walk_through(zone);
  CAPTURE(out.peak / mib);
  CHECK(out.fits(24 * mib));
  REQUIRE(out.end.found.endpoints.size() == 2500);
  CHECK(out.end.found.endpoints.front().weight == 2000);  // each instance adds its weight
  CHECK(out.end.found.instances.size() == 1000);
  CHECK(out.end.found.endpoints.front().instances.front() == name_of("i0._x._tcp.example.com"));
  CHECK(has_warning(out.end.found, "names of instances that share endpoints left out"));
}

TEST_CASE("walk: equal records of many names are one copy too", "[resolver][fault-O7]") {
  const endless_zone zone{.instances = 300, .srv = [](auto) { return many(2500); }};
  const outcome out = walk_through(zone);
  CAPTURE(out.peak / mib);
  CHECK(out.fits(24 * mib));
  REQUIRE(out.end.found.endpoints.size() == 2500);
  CHECK(out.end.found.endpoints.back().weight == 600);
}

TEST_CASE("walk: of too many endpoints the first tiers are kept, in whatever order they come", "[resolver][fault-O7]") {
  const bool is_ascending = GENERATE(true, false);
  const auto tier_of = [=](std::size_t i) { return static_cast<std::uint16_t>(is_ascending ? i : 19 - i); };
  const endless_zone zone{.instances = 20, .srv = [&](std::size_t i) { return many(2500, tier_of(i), i * 2500); }};
  const outcome out = walk_through(zone);
  CAPTURE(out.peak / mib);
  CHECK(out.fits(40 * mib));
  REQUIRE(out.end.found.endpoints.size() == max_endpoints);
  CHECK(out.end.found.endpoints.front().priority == 0);
  CHECK(out.end.found.endpoints.back().priority == 3);
  CHECK(has_warning(out.end.found, "40000 endpoints above the limit of 10000 left out"));
}

TEST_CASE("walk: many targets with many addresses each have one of both families at least", "[resolver][fault-O7]") {
  const auto addresses = [](const name&) {
    std::vector<ip_address> out;
    for (int i = 0; i < 250; ++i) out.push_back(ip_address::v4({127, 0, 1, static_cast<std::uint8_t>(i)}));
    return out;
  };
  const bool is_one_target = GENERATE(false, true);
  const auto ports = [&](std::size_t instance) {
    std::vector<srv_record> all = many(2500, 0, instance * 2500);
    if (!is_one_target) return all;
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].port = static_cast<std::uint16_t>(1 + instance * 2500 + i);
      all[i].target = host(0);
    }
    return all;
  };
  const outcome out = walk_through({.instances = 4, .srv = ports, .addresses = addresses});
  CAPTURE(out.peak / mib);
  CHECK(out.fits(40 * mib));
  CHECK(out.most_under_way <= walk::most_pending);
  REQUIRE(out.end.found.endpoints.size() == max_endpoints);
  CHECK(out.end.found.endpoints.front().addresses.size() == 250);
  CHECK(out.end.found.endpoints.back().addresses.size() == 1);
  CHECK(has_warning(out.end.found, "addresses"));
}

TEST_CASE("walk: warnings and reports of queries have an end", "[resolver][fault-O7]") {
  const auto addresses = [](const name&) { return std::vector(40, ip_address::v4({0, 0, 0, 1})); };
  const endless_zone zone{
      .instances = 4, .srv = [](std::size_t i) { return many(2500, 0, i * 2500); }, .addresses = addresses};
  const outcome out = walk_through(zone);
  CAPTURE(out.peak / mib);
  CHECK(out.fits(40 * mib));
  CHECK(out.end.found.warnings.size() <= 105);
  CHECK(has_warning(out.end.found, "more warnings left out"));
  CHECK(out.end.found.queries.size() == max_named);
  CHECK(out.end.found.queries.size() + out.end.found.queries_left_out == out.asked);
}

TEST_CASE("walk: TXT records of all instances have a limit", "[resolver][fault-O7]") {
  const auto txt = [](std::size_t) {
    std::vector<std::uint8_t> rdata;
    for (int i = 0; i < 250; ++i) {
      rdata.push_back(250);
      rdata.insert(rdata.end(), 250, 'x');
    }
    return txt_record::from_rdata(rdata).value();
  };
  const endless_zone zone{.instances = 300, .srv = [](std::size_t i) { return many(1, 0, i); }, .txt = txt};
  const outcome out = walk_through(zone, true);
  CAPTURE(out.peak / mib);
  CHECK(out.fits(16 * mib));
  CHECK(out.end.found.endpoints.size() == 300);
  CHECK(out.end.found.instances.front().txt.rdata().size() == 62750);
  CHECK(out.end.found.instances.back().txt_status == boost::system::errc::message_size);
  CHECK(has_warning(out.end.found, "TXT record of"));
}

TEST_CASE("walk: additional records that nothing leads to are not kept", "[resolver][fault-O7]") {
  const auto additional = [](std::size_t instance) {
    std::vector<rrset> sets;
    for (std::size_t i = 0; i < 2000; ++i) {
      sets.push_back({host(instance + i * 1000), rr_type::a, std::chrono::seconds(60),
                      std::vector{ip_address::v4({192, 0, 2, 1})}});
    }
    return sets;
  };
  const endless_zone zone{
      .instances = 200, .srv = [](std::size_t i) { return many(1, 0, i); }, .additional = additional};
  const outcome out = walk_through(zone);
  CAPTURE(out.peak / mib);
  CHECK(out.fits(16 * mib));
  CHECK(out.end.found.endpoints.size() == 200);
  CHECK_FALSE(out.end.found.endpoints.back().addresses.empty());
}

TEST_CASE("walk: instances come in the order of their names, whatever the server's", "[resolver][fault-O38]") {
  paper_dns dns;
  std::vector<std::string> instances{"c._x._tcp.example.com", "A._x._tcp.example.com", "b._x._tcp.example.com"};
  for (const std::string& instance : instances) dns.srv(instance, {srv_of(0, 0, 80, "h.example.com")});
  dns.a("h.example.com", {"192.0.2.1"});
  const bool is_rotated = GENERATE(false, true);
  if (is_rotated) std::rotate(instances.begin(), instances.begin() + 1, instances.end());
  dns.ptr("_x._tcp.example.com", instances);
  const service found = conclude(query_of("_x._tcp.example.com"), dns).found;
  std::vector<std::string> listed;
  for (const service_instance& i : found.instances) listed.push_back(i.label);
  CHECK(listed == std::vector<std::string>{"A", "b", "c"});
  REQUIRE(found.endpoints.size() == 1);
  CHECK(found.endpoints[0].instances.front() == name_of("a._x._tcp.example.com"));
}
