// Whether everything is known, and the warnings that name what is not.
#include "unit/resolver/paper_dns.hpp"

#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* the_type = "_x._tcp.example.com";

std::string instance(int i) { return "i" + std::to_string(i) + '.' + the_type; }
std::string host(int i) { return "h" + std::to_string(i) + ".example.com"; }

// Instances 0 to `count` - 1, each with its SRV, TXT, A and AAAA record.
paper_dns instances(int count) {
  paper_dns dns;
  dns.knows_names = true;
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) {
    names.push_back(instance(i));
    dns.srv(instance(i), {srv_of(0, 0, 80, host(i))}).txt(instance(i), "k=v");
    dns.a(host(i), {"192.0.2.1"}).aaaa(host(i), {"2001:db8::1"});
  }
  dns.ptr(the_type, names);
  return dns;
}

// What becomes of a question that gets no answer: an error of the name server, or silence until the end.
void leave_unanswered(paper_dns& dns, const std::string& owner, rr_type type, bool is_silent) {
  if (is_silent) {
    dns.unanswered.push_back({name_of(owner), type});
  } else {
    dns.fail(owner, type, errc::server_failure);
  }
}

bool has_no_warning(const service& s) { return s.warnings.empty(); }

}  // namespace

TEST_CASE("walk: complete if everything was answered, also with a no", "[resolver][fault-O3]") {
  paper_dns dns = instances(3);
  SECTION("with data") {}
  SECTION("one target has no address of a family") { dns.results.erase({name_of(host(0)), rr_type::aaaa}); }
  SECTION("one instance has no TXT record") { dns.results.erase({name_of(instance(0)), rr_type::txt}); }
  SECTION("one instance is gone") { dns.fail(instance(0), rr_type::srv, errc::nxdomain); }
  SECTION("nothing exists") { dns = paper_dns(); }
  const service found = conclude(query_of(the_type), dns).found;
  CHECK(found.complete);
  CHECK(found.has_all_endpoints);
  CHECK(has_no_warning(found));
}

TEST_CASE("walk: instances whose SRV records stay unanswered are named, and the rest counted", "[resolver][fault-O3]") {
  const bool is_silent = GENERATE(false, true);
  paper_dns dns = instances(10);
  for (int i = 0; i < 7; ++i) leave_unanswered(dns, instance(i), rr_type::srv, is_silent);
  const auto [status, found] = conclude(query_of(the_type), dns);
  CHECK_FALSE(status);
  CHECK(found.endpoints.size() == 3);
  CHECK_FALSE(found.complete);
  CHECK_FALSE(found.has_all_endpoints);
  std::string named;
  for (int i = 0; i < 5; ++i) named += (i == 0 ? "" : ", ") + instance(i) + ". SRV";
  const error_code reason = is_silent ? errc::query_timed_out : errc::server_failure;
  CHECK(found.warnings == std::vector{"no answer for " + named + " and 2 more: " + reason.message()});
}

TEST_CASE("walk: a single answer of a hundred that is missing is named", "[resolver][fault-O3]") {
  const auto [type, owner, warning, is_silent] = GENERATE(table<rr_type, std::string, std::string, bool>({
      {rr_type::srv, instance(7), "no answer for i7._x._tcp.example.com. SRV: name server failure", false},
      {rr_type::srv, instance(7), "no answer for i7._x._tcp.example.com. SRV: DNS query timed out", true},
      {rr_type::txt, instance(7), "no answer for i7._x._tcp.example.com. TXT: name server failure", false},
      {rr_type::txt, instance(7), "no answer for i7._x._tcp.example.com. TXT: DNS query timed out", true},
      {rr_type::a, host(7), "IPv4 addresses of h7.example.com. unknown: name server failure", false},
      {rr_type::a, host(7), "IPv4 addresses of h7.example.com. unknown: no answer", true},
      {rr_type::aaaa, host(7), "IPv6 addresses of h7.example.com. unknown: name server failure", false},
      {rr_type::aaaa, host(7), "IPv6 addresses of h7.example.com. unknown: no answer", true},
  }));
  CAPTURE(warning);
  paper_dns dns = instances(100);
  leave_unanswered(dns, owner, type, is_silent);
  const service found = conclude(query_of(the_type), dns).found;
  CHECK_FALSE(found.complete);
  CHECK(found.has_all_endpoints == (type != rr_type::srv));
  CHECK(found.warnings == std::vector{warning});
}

TEST_CASE("walk: targets without any address are named, whatever is missing", "[resolver][fault-O3]") {
  paper_dns dns = instances(3);
  for (const rr_type family : {rr_type::a, rr_type::aaaa}) {
    for (int i = 0; i < 2; ++i) dns.fail(host(i), family, errc::server_failure);
  }
  const service found = conclude(query_of(the_type), dns).found;
  CHECK_FALSE(found.complete);
  CHECK(found.has_all_endpoints);
  CHECK(found.warnings ==
        lines{"2 of 3 endpoints without address, the first are h0.example.com., h1.example.com.: name server failure"});
}

TEST_CASE("walk: the name's own SRV records may be missing beside instances", "[resolver][fault-O3]") {
  const bool is_silent = GENERATE(false, true);
  paper_dns dns = instances(1);
  leave_unanswered(dns, the_type, rr_type::srv, is_silent);
  const service found = conclude(query_of(the_type), dns).found;
  CHECK(found.kind == service_kind::type);
  CHECK_FALSE(found.has_all_endpoints);
  CHECK(has_warning(found, "no answer for _x._tcp.example.com. SRV"));
}

TEST_CASE("walk: an instance that is selected by a TXT record without answer", "[resolver][fault-O3]") {
  paper_dns dns = instances(2);
  dns.fail(instance(1), rr_type::txt, errc::server_failure);
  service_query query = query_of(the_type);
  query.txt = {{"k", "v"}};
  const service found = conclude(query, dns).found;
  CHECK(found.endpoints.size() == 1);
  CHECK_FALSE(found.has_all_endpoints);
  CHECK(found.warnings == lines{"no answer for i1._x._tcp.example.com. TXT: name server failure"});
}

TEST_CASE("walk: what is not wanted is not missing", "[resolver][fault-O3]") {
  paper_dns dns = instances(1);
  dns.fail(instance(0), rr_type::txt, errc::server_failure).fail(host(0), rr_type::aaaa, errc::server_failure);
  service_query query = query_of(the_type);
  query.want_txt = false;
  query.want_ipv6 = false;
  CHECK(conclude(query, dns).found.complete);
  query.qname = name_of(instance(0));  // its PTR records do not matter
  dns.fail(instance(0), rr_type::ptr, errc::server_failure);
  CHECK(conclude(query, dns).found.complete);
}

TEST_CASE("walk: a caller that connects is not warned of what it does not wait for", "[resolver][fault-O3]") {
  paper_dns dns = instances(1);
  dns.unanswered = {{name_of(host(0)), rr_type::aaaa}, {name_of(instance(0)), rr_type::txt}};
  service_query query = query_of(the_type);
  query.resolution_delay = 50ms;
  query.want_txt = true;
  const service found = conclude(query, dns).found;
  CHECK_FALSE(found.complete);
  CHECK(found.has_all_endpoints);
  CHECK(has_no_warning(found));
}

TEST_CASE("walk: an error is not complete, and a limit is neither", "[resolver][fault-O3]") {
  paper_dns dns = instances(1);
  SECTION("no answer") {
    dns.fail(the_type, rr_type::ptr, errc::server_failure);
    CHECK_FALSE(conclude(query_of(the_type), dns).found.has_all_endpoints);
  }
  SECTION("more addresses than the limit") {
    std::vector<std::string> many;
    for (int i = 0; i < 300; ++i)
      many.push_back("192.0." + std::to_string(i / 200) + '.' + std::to_string(i % 200 + 1));
    dns.a(host(0), many);
    CHECK(conclude(query_of(the_type), dns).found.has_all_endpoints);
  }
  SECTION("more endpoints than the limit") {
    std::vector<srv_record> many;
    for (int i = 0; i < 10'001; ++i) many.push_back(srv_of(0, 0, static_cast<std::uint16_t>(i + 1), host(0)));
    dns.srv(instance(0), many);
    CHECK_FALSE(conclude(query_of(the_type), dns).found.has_all_endpoints);
  }
  CHECK_FALSE(conclude(query_of(the_type), dns).found.complete);
}

TEST_CASE("walk: a warning tells what the name server adds to its failure", "[resolver][rfc8914][fault-O15]") {
  paper_dns dns = instances(2);
  dns.fail(instance(0), rr_type::srv, errc::server_failure);
  dns.results.at({name_of(instance(0)), rr_type::srv}).report.attempts = {
      {"192.0.2.53#53", dns_transport::udp, errc::server_failure, {}, 0, {{7, "since 2026-01-01"}}}};
  for (const rr_type family : {rr_type::a, rr_type::aaaa}) {
    dns.fail(host(1), family, errc::nxdomain);
    dns.results.at({name_of(host(1)), family}).report.attempts = {
        {"192.0.2.53#53", dns_transport::udp, {}, {}, 0, {{15, ""}}}};
  }
  const service found = conclude(query_of(the_type), dns).found;
  CHECK(found.warnings == lines{"1 of 1 endpoints without address, the first is h1.example.com.: no such name (EDE 15 "
                                "(Blocked))",
                                "no answer for i0._x._tcp.example.com. SRV: name server failure (EDE 7 (Signature "
                                "Expired): since 2026-01-01)"});
}
