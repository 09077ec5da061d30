// The kind of a name: an instance, a type, both, neither, or unknown.
#include "unit/resolver/paper_dns.hpp"

#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

constexpr auto the_type = "_x._tcp.example.com.";
constexpr auto instance = "v1._x._tcp.example.com.";

paper_dns one_instance() {
  paper_dns dns;
  dns.srv(instance, {srv_of(0, 0, 80, "h.example.com")}).txt(instance, "k=v").a("h.example.com", {"192.0.2.1"});
  dns.aaaa("h.example.com", {"2001:db8::1"});
  return dns;
}

}  // namespace

TEST_CASE("walk: SRV records make an instance, resolved with its TXT and both families",
          "[resolver][rfc6763][rfc2782][rfc-check-16][rfc-check-18][rfc-check-35][rfc-check-45][rfc-check-66]") {
  paper_dns dns = one_instance();
  const auto [status, found] = conclude(query_of(instance), dns);
  CHECK_FALSE(status);
  CHECK(found.kind == service_kind::instance);
  CHECK(lines_of(found) == lines{"h.example.com.:80 192.0.2.1 2001:db8::1"});
  REQUIRE(found.instances.size() == 1);
  CHECK(found.instances[0].label == "v1");
  CHECK(found.instances[0].txt.find("K")->value == "v");
  CHECK(found.endpoints[0].instances == std::vector{name_of(instance)});
  CHECK(found.server == "paper");
  CHECK(found.warnings.empty());
}

TEST_CASE("walk: SRV, PTR and TXT are asked at once, then both families", "[resolver][rfc-check-66]") {
  walk w(query_of(instance));
  const auto first = w.start();
  CHECK(first.ask.size() == 3);
  CHECK_FALSE(first.done);
  paper_dns dns = one_instance();
  const question srv{name_of(instance), rr_type::srv};
  const auto second = w.on_result(srv, looked_up(dns.answer_to(srv)), {});
  CHECK(second.ask ==
        std::vector<question>{{name_of("h.example.com"), rr_type::a}, {name_of("h.example.com"), rr_type::aaaa}});
}

TEST_CASE("walk: no TXT is asked for when none is wanted", "[resolver]") {
  paper_dns dns = one_instance();
  service_query query = query_of(instance);
  query.want_txt = false;
  CHECK_FALSE(conclude(query, dns).status);
  CHECK(dns.times_asked_for(rr_type::txt) == 0);
}

TEST_CASE("walk: PTR records make a type, whose instances' endpoints are one set",
          "[resolver][rfc6763][rfc-check-10][rfc-check-15][rfc-check-21]") {
  paper_dns dns;
  dns.ptr(the_type, {"b._x._tcp.example.com", "a._x._tcp.example.com", "A._X._tcp.example.com"});
  dns.srv("a._x._tcp.example.com", {srv_of(1, 7, 80, "h1.example.com")}).txt("a._x._tcp.example.com", "n=a");
  dns.srv("b._x._tcp.example.com", {srv_of(0, 0, 81, "h2.example.com"), srv_of(1, 5, 80, "h1.example.com")});
  dns.a("h1.example.com", {"192.0.2.1"}).a("h2.example.com", {"192.0.2.2"});
  const auto [status, found] = conclude(query_of(the_type), dns);
  CHECK_FALSE(status);
  CHECK(found.kind == service_kind::type);
  CHECK(lines_of(found) == lines{"h2.example.com.:81 192.0.2.2", "h1.example.com.:80 192.0.2.1"});
  CHECK(found.endpoints[1].weight == 12);
  CHECK(found.endpoints[1].instances.size() == 2);
  CHECK(found.instances.size() == 2);
  CHECK(dns.times_asked("h1.example.com", rr_type::a) == 1);
}

TEST_CASE("walk: with SRV and PTR at one name SRV wins, with a warning", "[resolver]") {
  paper_dns dns = one_instance();
  dns.ptr(instance, {"other._x._tcp.example.com"}).srv("other._x._tcp.example.com", {srv_of(0, 0, 9, "o.example.com")});
  dns.a("o.example.com", {"192.0.2.9"});
  const auto [status, found] = conclude(query_of(instance), dns, [first = true](std::size_t) mutable {
    return std::exchange(first, false) ? std::size_t{2} : std::size_t{0};  // PTR first
  });
  CHECK_FALSE(status);
  CHECK(found.kind == service_kind::instance);
  CHECK(lines_of(found) == lines{"h.example.com.:80 192.0.2.1 2001:db8::1"});
  CHECK(has_warning(found, "SRV and PTR"));
}

TEST_CASE("walk: absent is what both answers prove, anything less is unknown",
          "[resolver][rfc2308][rfc-check-48][fault-S19][fault-S22][fault-C7]") {
  struct row {
    errc srv, ptr, outcome;
  };
  for (const row& r :
       {row{errc::nxdomain, errc::nxdomain, errc::nxdomain}, row{errc::no_data, errc::no_data, errc::no_data},
        row{errc::nxdomain, errc::no_data, errc::no_data}, row{errc::no_data, errc::nxdomain, errc::no_data},
        row{errc::server_failure, errc::nxdomain, errc::server_failure},
        row{errc::nxdomain, errc::server_failure, errc::server_failure},
        row{errc::no_data, errc::query_timed_out, errc::query_timed_out},
        row{errc::empty_answer, errc::no_data, errc::empty_answer},
        row{errc::network_failure, errc::network_failure, errc::network_failure}}) {
    for (const chooser& order : {chooser(first_of), chooser(last_of)}) {
      INFO(make_error_code(r.srv).message() << " / " << make_error_code(r.ptr).message());
      paper_dns dns;
      dns.fail(the_type, rr_type::srv, r.srv).fail(the_type, rr_type::ptr, r.ptr).fail(the_type, rr_type::txt, r.srv);
      const auto [status, found] = conclude(query_of(the_type), dns, order);
      CHECK(status == r.outcome);
      CHECK(found.kind == service_kind::none);
      CHECK(found.endpoints.empty());
    }
  }
}

TEST_CASE("walk: one absent and the other never answered is unknown", "[resolver][rfc-check-48]") {
  for (const rr_type silent : {rr_type::srv, rr_type::ptr}) {
    paper_dns dns;
    dns.unanswered = {{name_of(the_type), silent}};
    CHECK(conclude(query_of(the_type), dns).status == errc::query_timed_out);
  }
}

TEST_CASE("walk: a type is used although nobody says whether it is an instance too", "[resolver]") {
  paper_dns dns = one_instance();
  dns.ptr(the_type, {instance}).fail(the_type, rr_type::srv, errc::server_failure);
  const auto [status, found] = conclude(query_of(the_type), dns);
  CHECK_FALSE(status);
  CHECK(found.kind == service_kind::type);
  CHECK(has_warning(found, "no answer for _x._tcp.example.com. SRV"));
}

TEST_CASE("walk: with neither the name's own address and the caller's port",
          "[resolver][rfc2782][rfc-check-47][rfc-check-48][fault-S19]") {
  paper_dns dns;
  dns.a("www.example.com", {"192.0.2.1"});
  service_query query = query_of("www.example.com");
  SECTION("without a port it is absent") {
    CHECK(conclude(query, dns).status == errc::nxdomain);
    CHECK(dns.times_asked_for(rr_type::a) == 0);
  }
  query.default_port = 8080;
  SECTION("with a port it is an address") {
    const auto [status, found] = conclude(query, dns);
    CHECK_FALSE(status);
    CHECK(found.kind == service_kind::address);
    CHECK(lines_of(found) == lines{"www.example.com.:8080 192.0.2.1"});
  }
  SECTION("as a plain host it is asked for nothing else") {
    query.only_addresses = true;
    const auto [status, found] = conclude(query, dns);
    CHECK_FALSE(status);
    CHECK(lines_of(found) == lines{"www.example.com.:8080 192.0.2.1"});
    CHECK(dns.times_asked_for(rr_type::srv) + dns.times_asked_for(rr_type::ptr) == 0);
  }
  SECTION("an alias is nothing to complain about here") {
    dns.alias("www.example.com", rr_type::a, "cdn.example.net").a("cdn.example.net", {"192.0.2.5"});
    const auto [status, found] = conclude(query, dns);
    CHECK(lines_of(found) == lines{"www.example.com.:8080 192.0.2.5"});
    CHECK(found.warnings.empty());
  }
  SECTION("never when an answer is missing") {
    dns.fail("www.example.com", GENERATE(rr_type::srv, rr_type::ptr), errc::server_failure);
    CHECK(conclude(query, dns).status == errc::server_failure);
    CHECK(dns.times_asked_for(rr_type::a) == 0);
  }
  SECTION("never when the service is declared unavailable") {
    dns.srv("www.example.com", {srv_of(0, 0, 0, ".")});
    CHECK(conclude(query, dns).status == errc::service_unavailable);
    CHECK(dns.times_asked_for(rr_type::a) == 0);
  }
  SECTION("without an address it is absent") {
    dns.fail("www.example.com", rr_type::a, errc::no_data).fail("www.example.com", rr_type::aaaa, errc::no_data);
    const auto [status, found] = conclude(query, dns);
    CHECK(status == errc::no_data);
    CHECK(found.endpoints.front().ttl == std::chrono::seconds(0));
  }
}

TEST_CASE("walk: additional records save the questions they match, and only those",
          "[resolver][rfc6763][rfc-check-18][rfc-check-19][rfc-check-45][fault-S21][fault-T14]") {
  paper_dns dns;
  dns.srv(instance, {srv_of(0, 0, 80, "h1.example.com"), srv_of(0, 0, 80, "h2.example.com")});
  dns.with(instance, rr_type::srv, "H1.example.com", {"192.0.2.1"});
  dns.with(instance, rr_type::srv, "victim.example.org", {"192.0.2.66"});
  dns.a("h2.example.com", {"192.0.2.2"}).aaaa("h1.example.com", {"2001:db8::1"});
  const auto [status, found] = conclude(query_of(instance), dns);
  CHECK_FALSE(status);
  CHECK(lines_of(found) == lines{"h1.example.com.:80 192.0.2.1 2001:db8::1", "h2.example.com.:80 192.0.2.2"});
  CHECK(dns.times_asked("h1.example.com", rr_type::a) == 0);
  CHECK(dns.times_asked("h1.example.com", rr_type::aaaa) == 1);
  CHECK(dns.times_asked("h2.example.com", rr_type::a) == 1);
  CHECK(dns.times_asked("victim.example.org", rr_type::a) == 0);
}

TEST_CASE("walk: SRV records that came with the PTR answer are used", "[resolver][rfc6763][rfc-check-19]") {
  paper_dns dns = one_instance();
  dns.ptr(the_type, {instance});
  auto& additional = dns.results.at({name_of(the_type), rr_type::ptr}).answer.additional;
  additional.push_back({name_of(instance), rr_type::srv, 60s, std::vector{srv_of(0, 0, 8080, "h.example.com")}});
  const auto [status, found] = conclude(query_of(the_type), dns);
  CHECK(lines_of(found) == lines{"h.example.com.:8080 192.0.2.1 2001:db8::1"});
  CHECK(dns.times_asked(instance, rr_type::srv) == 0);
}

TEST_CASE("walk: authenticated only if every answer was", "[resolver]") {
  paper_dns dns = one_instance();
  for (auto& [q, result] : dns.results) result.answer.authenticated = true;
  CHECK_FALSE(conclude(query_of(instance), dns, last_of).found.authenticated);  // negative PTR answer not proved
  dns.fail(instance, rr_type::ptr, errc::no_data);
  dns.results.at({name_of(instance), rr_type::ptr}).answer.authenticated = true;
  CHECK(conclude(query_of(instance), dns, last_of).found.authenticated);
}
