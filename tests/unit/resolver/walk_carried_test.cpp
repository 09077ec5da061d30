// How the walk uses additional records, cached answers and authentication.
#include "unit/resolver/paper_dns.hpp"

#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

constexpr auto instance = "v1._x._tcp.example.com";
const question srv{name_of(instance), rr_type::srv};
const question host_a{name_of("h.example.com"), rr_type::a};

// SRV records for h.example.com, with its address as additional record.
paper_dns with_additional(std::string_view owner = "h.example.com") {
  paper_dns dns;
  dns.srv(instance, {srv_of(0, 0, 80, "h.example.com")});
  dns.with(instance, rr_type::srv, owner, {"192.0.2.1"});
  return dns;
}

bool asks(const walk::step& step, const question& q) { return std::ranges::find(step.ask, q) != step.ask.end(); }

// The answer for SRV comes from the cache, `age` after it was received.
walk::step cached_srv(walk& w, const paper_dns& dns, boot_clock::duration age) {
  (void)w.start();
  lookup from = looked_up(dns.answer_to(srv));
  from.from_cache = true;
  return w.on_result(srv, from, boot_clock::time_point{} + age);
}

}  // namespace

TEST_CASE("walk: additional records serve only owners that the answer leads to",
          "[resolver][rfc6763][rfc-check-19][fault-C17][fault-T14][fault-O39]") {
  service_query query = query_of(instance);
  query.want_ipv6 = false;
  SECTION("a target") {
    paper_dns dns = with_additional();
    const service found = conclude(query, dns).found;
    CHECK(lines_of(found) == lines{"h.example.com.:80 192.0.2.1"});
    CHECK(dns.times_asked("h.example.com", rr_type::a) == 0);
    CHECK(found.additional == std::vector{question{name_of("h.example.com"), rr_type::a}});
  }
  SECTION("another name: not even when it is asked for later") {
    paper_dns dns = with_additional("other.example.com");
    dns.alias("h.example.com", rr_type::a, "other.example.com");
    dns.a("other.example.com", {"192.0.2.9"});
    CHECK(lines_of(conclude(query, dns).found) == lines{"h.example.com.:80 192.0.2.9"});
  }
  SECTION("SRV records along with PTR, and what they lead to") {
    paper_dns dns;
    dns.ptr("_x._tcp.example.com", {instance});
    auto& along = dns.results.at({name_of("_x._tcp.example.com"), rr_type::ptr}).answer.additional;
    along.push_back({name_of(instance), rr_type::srv, 60s, std::vector{srv_of(0, 0, 80, "h.example.com")}});
    along.push_back(
        {name_of("evil._x._tcp.example.com"), rr_type::srv, 60s, std::vector{srv_of(0, 0, 6, "e.example.com")}});
    along.push_back({name_of("h.example.com"), rr_type::a, 60s, std::vector{ip_address::v4({192, 0, 2, 1})}});
    query.qname = name_of("_x._tcp.example.com");
    CHECK(lines_of(conclude(query, dns).found) == lines{"h.example.com.:80 192.0.2.1"});
    CHECK(dns.times_asked(instance, rr_type::srv) == 0);
    CHECK(dns.times_asked("h.example.com", rr_type::a) == 0);
  }
}

TEST_CASE("walk: what came along and was used is told, whatever its type", "[resolver][rfc6763][fault-O39]") {
  const name one = name_of("one._x._tcp.example.com");
  paper_dns dns;
  dns.ptr("_x._tcp.example.com", {"one._x._tcp.example.com"}).fail("_x._tcp.example.com", rr_type::srv, errc::no_data);
  std::vector<rrset>& additional = dns.results.at({name_of("_x._tcp.example.com"), rr_type::ptr}).answer.additional;
  additional.push_back({one, rr_type::srv, std::chrono::seconds(60), std::vector{srv_of(0, 0, 80, "h.example.com")}});
  additional.push_back({one, rr_type::txt, std::chrono::seconds(60), std::vector{txt_of("k=v")}});
  dns.a("h.example.com", {"192.0.2.1"});
  service_query query = query_of("_x._tcp.example.com");
  query.want_ipv6 = false;
  const service found = conclude(query, dns).found;
  CHECK(found.additional == std::vector{question{one, rr_type::srv}, question{one, rr_type::txt}});
  CHECK(dns.times_asked("one._x._tcp.example.com", rr_type::srv) == 0);
}

TEST_CASE("walk: additional records of a cached answer serve for their own TTL", "[resolver][rfc-check-19]") {
  const paper_dns dns = with_additional();
  walk young(query_of(instance));
  CHECK_FALSE(asks(cached_srv(young, dns, 59s), host_a));
  walk old(query_of(instance));
  CHECK(asks(cached_srv(old, dns, 60s), host_a));
  walk watched(query_of(instance), 90s);
  CHECK_FALSE(asks(cached_srv(watched, dns, 60s), host_a));
}

TEST_CASE("walk: old additional records serve as stale where the question gets no answer",
          "[resolver][rfc8767][fault-C9]") {
  const paper_dns dns = with_additional();
  service_query query = query_of(instance);
  query.want_ipv6 = false;
  walk w(query);
  (void)cached_srv(w, dns, 100s);
  error_code how = errc::server_failure;
  SECTION("no answer") {}
  SECTION("the answer that there is none") { how = errc::nxdomain; }
  paper_dns failing;
  failing.fail("h.example.com", rr_type::a, how);
  (void)w.on_result(host_a, looked_up(failing.answer_to(host_a)), {});
  const walk::conclusion end = w.conclude(errc::query_timed_out);
  CHECK(end.found.stale == (how == errc::server_failure));
  CHECK(lines_of(end.found) == (how == errc::server_failure ? lines{"h.example.com.:80 192.0.2.1"}
                                                            : lines{"h.example.com.:80 (no such name)"}));
  CHECK(has_warning(end.found, "1 answer(s) kept beyond their TTL") == end.found.stale);
}

TEST_CASE("walk: a service is authenticated when every record set used was", "[resolver][rfc4035][dnssec]") {
  paper_dns dns;
  dns.srv(instance, {srv_of(0, 0, 80, "h.example.com"), srv_of(0, 0, 81, "o.example.com")}).txt(instance, "k=v");
  dns.a("h.example.com", {"192.0.2.1"}).a("o.example.com", {"192.0.2.2"});
  dns.fail(instance, rr_type::ptr, errc::no_data);
  dns.fail("h.example.com", rr_type::aaaa, errc::no_data).fail("o.example.com", rr_type::aaaa, errc::no_data);
  for (auto& [q, result] : dns.results) result.answer.authenticated = true;
  service_query query = query_of(instance);
  CHECK(conclude(query, dns).found.authenticated);

  SECTION("one that was not") {
    const auto type = GENERATE(rr_type::a, rr_type::aaaa);
    dns.results.at({name_of("o.example.com"), type}).answer.authenticated = false;
    CHECK_FALSE(conclude(query, dns).found.authenticated);
    query.require_authenticated = true;
    const auto [status, found] = conclude(query, dns);
    CHECK_FALSE(status);  // h.example.com remains
    CHECK(found.authenticated);
    if (type == rr_type::a) {
      CHECK(lines_of(found) == lines{"h.example.com.:80 192.0.2.1", "o.example.com.:81 (answer not authenticated)"});
    }
  }
  SECTION("none, when required") {
    for (auto& [q, result] : dns.results) result.answer.authenticated = false;
    query.require_authenticated = true;
    const concluded end = conclude(query, dns);
    CHECK(end.status == errc::not_authenticated);
    CHECK(end.status == condition::refused_by_policy);
    CHECK(end.found.endpoints.empty());
  }
  SECTION("the section that AD says nothing of") {
    dns.with(instance, rr_type::srv, "h.example.com", {"192.0.2.66"});
    CHECK(lines_of(conclude(query, dns).found).at(0) == "h.example.com.:80 192.0.2.1");
    CHECK(dns.times_asked("h.example.com", rr_type::a) == 1);
  }
}

TEST_CASE("walk: records that could not be used are counted", "[resolver]") {
  paper_dns dns = with_additional();
  dns.results.at(srv).answer.dropped_records = 3;
  const concluded end = conclude(query_of(instance), dns);
  CHECK(end.found.dropped_records == 3);
  CHECK(has_warning(end.found, "3 record(s) of the answers malformed or of foreign names"));
}
