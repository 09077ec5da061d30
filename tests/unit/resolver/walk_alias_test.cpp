// Aliases at every step, at each place where the answer does not resolve them.
#include "unit/resolver/paper_dns.hpp"

#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;

namespace {

constexpr auto instance = "v1._x._tcp.example.com.";

}  // namespace

TEST_CASE("walk: an alias of the service name is followed", "[resolver][rfc-check-49][fault-N14]") {
  paper_dns dns;
  dns.alias(instance, rr_type::srv, "real._x._tcp.example.net")
      .alias(instance, rr_type::ptr, "real._x._tcp.example.net");
  dns.srv("real._x._tcp.example.net", {srv_of(0, 0, 80, "h.example.net")}).a("h.example.net", {"192.0.2.1"});
  const auto [status, found] = conclude(query_of(instance), dns);
  CHECK_FALSE(status);
  CHECK(found.kind == service_kind::instance);
  CHECK(lines_of(found) == lines{"h.example.net.:80 192.0.2.1"});
  CHECK(found.query == name_of(instance));
}

TEST_CASE("walk: an alias that leads to no SRV record is no service", "[resolver][fault-S18]") {
  paper_dns dns;
  dns.alias(instance, rr_type::srv, "o.example.net").fail("o.example.net", rr_type::srv, errc::no_data);
  CHECK(conclude(query_of(instance), dns).status == errc::no_data);
}

TEST_CASE("walk: an alias of a target is followed and reported once", "[resolver][rfc2782][rfc-check-50][fault-S10]") {
  paper_dns dns;
  dns.srv(instance, {srv_of(0, 0, 80, "alias.example.com"), srv_of(0, 0, 81, "alias.example.com")});
  service_query query = query_of(instance);
  const bool in_one_answer = GENERATE(true, false);
  if (in_one_answer) {
    dns.a("alias.example.com", {"192.0.2.1"}).aaaa("alias.example.com", {"2001:db8::1"});
    for (const rr_type type : {rr_type::a, rr_type::aaaa}) {
      dns.results.at({name_of("alias.example.com"), type}).answer.alias_count = 1;
    }
  } else {
    dns.alias("alias.example.com", rr_type::a, "real.example.com")
        .alias("alias.example.com", rr_type::aaaa, "real.example.com");
    dns.a("real.example.com", {"192.0.2.1"}).aaaa("real.example.com", {"2001:db8::1"});
  }
  std::string both = " 192.0.2.1 2001:db8::1";
  SECTION("both families") {}
  SECTION("IPv6 only") {
    query.want_ipv4 = false;
    both = " 2001:db8::1";
  }
  const auto [status, found] = conclude(query, dns);
  CHECK_FALSE(status);
  CHECK(lines_of(found) == lines{"alias.example.com.:80" + both, "alias.example.com.:81" + both});
  CHECK(found.warnings == lines{"alias.example.com. is an alias, which a SRV target must not be (RFC 2782)"});
}

TEST_CASE("walk: a loop of aliases fails that target only", "[resolver][rfc-check-58][fault-S11]") {
  paper_dns dns;
  dns.srv(instance, {srv_of(0, 0, 80, "a.example.com"), srv_of(0, 0, 80, "h.example.com")})
      .a("h.example.com", {"192.0.2.1"});
  SECTION("a chain of answers that is too long") {
    for (const rr_type type : {rr_type::a, rr_type::aaaa}) {
      dns.alias("a.example.com", type, "b.example.com").alias("b.example.com", type, "c.example.com");
    }
    // The third points to the end of a long chain, which has more steps than are left.
    for (const rr_type type : {rr_type::a, rr_type::aaaa}) {
      dns.alias("c.example.com", type, "d.example.com");
      dns.results.at({name_of("c.example.com"), type}).answer.alias_count = max_aliases - 1;
    }
  }
  SECTION("the answer itself says so") {
    dns.fail("a.example.com", rr_type::a, errc::alias_loop).fail("a.example.com", rr_type::aaaa, errc::alias_loop);
  }
  const auto [status, found] = conclude(query_of(instance), dns);
  CHECK_FALSE(status);
  REQUIRE(found.endpoints.size() == 2);
  CHECK(found.endpoints[0].unresolved == errc::alias_loop);
  CHECK(found.endpoints[1].addresses.size() == 1);
}

TEST_CASE("walk: aliases that go round end after max_aliases questions", "[resolver][rfc-check-58][fault-S11]") {
  walk w(query_of(instance));
  (void)w.start();
  const name ring[2] = {name_of(instance), name_of("w1._x._tcp.example.com.")};
  std::size_t asked = 0;
  question q{ring[0], rr_type::srv};
  for (bool goes_on = true; goes_on; ++asked) {
    REQUIRE(asked <= max_aliases);
    query_result result;
    result.answer.alias_count = 1;
    result.answer.canonical = ring[(asked + 1) % 2];
    result.answer.status = result.report.status = errc::empty_answer;
    const auto step = w.on_result(q, looked_up(result), {});
    goes_on = !step.ask.empty();
    if (goes_on) q = step.ask.at(0);
  }
  CHECK(asked == max_aliases + 1);
  CHECK(w.conclude(errc::query_timed_out).status == errc::alias_loop);
}

TEST_CASE("walk: a SRV target that is the SRV owner is a host like any other", "[resolver][fault-S17]") {
  paper_dns dns;
  dns.srv("host.example.com", {srv_of(0, 0, 80, "host.example.com")}).a("host.example.com", {"192.0.2.1"});
  const auto [status, found] = conclude(query_of("host.example.com"), dns);
  CHECK_FALSE(status);
  CHECK(lines_of(found) == lines{"host.example.com.:80 192.0.2.1"});
  CHECK(dns.times_asked_for(rr_type::srv) == 1);
}
