// How the walk uses the SRV records of an instance.
#include "sdconnect/dns/service_name.hpp"
#include "unit/resolver/paper_dns.hpp"

#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

constexpr auto instance = "v1._x._tcp.example.com.";

paper_dns with_srv(std::vector<srv_record> records) {
  paper_dns dns;
  dns.srv(instance, std::move(records)).a("h.example.com", {"192.0.2.1"}).a("h2.example.com", {"192.0.2.2"});
  return dns;
}

}  // namespace

TEST_CASE("walk: the target \".\" alone means not available, and nothing else is asked",
          "[resolver][rfc2782][rfc-check-42][fault-S3]") {
  paper_dns dns = with_srv({srv_of(0, 0, 0, ".")});
  const auto [status, found] = conclude(query_of(instance), dns);
  CHECK(status == errc::service_unavailable);
  CHECK(dns.times_asked_for(rr_type::a) + dns.times_asked_for(rr_type::aaaa) == 0);
  CHECK(found.endpoints.empty());
  REQUIRE(found.instances.size() == 1);
  CHECK(found.instances[0].status == errc::service_unavailable);
}

TEST_CASE("walk: the target \".\" beside others is passed over with a warning", "[resolver][rfc2782][rfc-check-43]") {
  paper_dns dns = with_srv({srv_of(0, 0, 1, "."), srv_of(0, 0, 80, "h.example.com")});
  const auto [status, found] = conclude(query_of(instance), dns);
  CHECK_FALSE(status);
  CHECK(lines_of(found) == lines{"h.example.com.:80 192.0.2.1"});
  CHECK(has_warning(found, "1 SRV record with target \".\" passed over"));
}

TEST_CASE("walk: port 0 is not offered", "[resolver][rfc6763][rfc-check-20][fault-S5]") {
  SECTION("beside others") {
    paper_dns dns = with_srv({srv_of(0, 0, 0, "h.example.com"), srv_of(0, 0, 80, "h2.example.com")});
    const auto [status, found] = conclude(query_of(instance), dns);
    CHECK_FALSE(status);
    CHECK(lines_of(found) == lines{"h2.example.com.:80 192.0.2.2"});
    CHECK(has_warning(found, "port 0"));
    CHECK(dns.times_asked("h.example.com", rr_type::a) == 0);
  }
  SECTION("alone") {
    paper_dns dns = with_srv({srv_of(0, 0, 0, "h.example.com")});
    CHECK(conclude(query_of(instance), dns).status == errc::no_usable_endpoint);
  }
}

TEST_CASE("walk: a target that is no host name is used with a warning", "[resolver][rfc2181][fault-N7][fault-O19]") {
  const std::string odd =
      GENERATE(as<std::string>{}, "aaaa====.wg.example", "a.b\\000.c", "x\\;rm\\032-rf", "<script>.example.com",
               "*.example.com", "a\\.b.example.com", "h\\195\\164.example.com");
  INFO(odd);
  paper_dns dns = with_srv({srv_of(0, 0, 80, odd), srv_of(1, 0, 80, "h.example.com")});
  dns.a(odd, {"192.0.2.7"});
  const auto [status, found] = conclude(query_of(instance), dns);
  CHECK_FALSE(status);
  CHECK(lines_of(found) == lines{name_of(odd).to_text() + ":80 192.0.2.7", "h.example.com.:80 192.0.2.1"});
  CHECK(has_warning(found, "SRV target " + name_of(odd).to_text() + " is not a host name; used"));
}

TEST_CASE("walk: many targets that are no host names are one warning", "[resolver][fault-O19]") {
  paper_dns dns = with_srv(
      {srv_of(0, 0, 80, "a=.example.com"), srv_of(0, 0, 81, "a=.example.com"), srv_of(0, 0, 80, "b=.example.com")});
  const service found = conclude(query_of(instance), dns).found;
  CHECK(has_warning(found, "SRV target a\\=.example.com. and 1 more are no host names; used") +
            has_warning(found, "SRV target a=.example.com. and 1 more are no host names; used") ==
        1);
}

TEST_CASE("walk: an address in place of a target's name is skipped and never asked for", "[resolver][fault-S13]") {
  const std::string bad = GENERATE(as<std::string>{}, "192.0.2.1", "010.0.0.1", "1.2.3");
  INFO(bad);
  paper_dns dns = with_srv({srv_of(0, 0, 80, bad), srv_of(0, 0, 80, "h.example.com")});
  const auto [status, found] = conclude(query_of(instance), dns);
  CHECK_FALSE(status);
  CHECK(lines_of(found) == lines{"h.example.com.:80 192.0.2.1"});
  CHECK(has_warning(found, "SRV target " + name_of(bad).to_text() + " is an address in place of a name"));
  CHECK(dns.times_asked(bad, rr_type::a) == 0);

  paper_dns alone = with_srv({srv_of(0, 0, 80, bad)});
  CHECK(conclude(query_of(instance), alone).status == errc::no_usable_endpoint);
}

TEST_CASE("walk: hosts may have underscores and digits", "[resolver][fault-N7]") {
  for (const char* good : {"my_host.example.com", "1.2.3.example.com", "-x-.example.com", "3com.com", "h"}) {
    INFO(good);
    CHECK(is_host_name(name_of(good)));
  }
  CHECK_FALSE(is_host_name(name()));
}

TEST_CASE("walk: a target with one family is used", "[resolver][rfc-check-45][fault-S14]") {
  paper_dns dns = with_srv({srv_of(0, 0, 80, "six.example.com"), srv_of(0, 0, 80, "h.example.com")});
  dns.aaaa("six.example.com", {"2001:db8::6"});
  CHECK(lines_of(conclude(query_of(instance), dns).found) ==
        lines{"h.example.com.:80 192.0.2.1", "six.example.com.:80 2001:db8::6"});
}

TEST_CASE("walk: only the wanted families are asked for", "[resolver]") {
  paper_dns dns = with_srv({srv_of(0, 0, 80, "h.example.com")});
  dns.aaaa("h.example.com", {"2001:db8::1"});
  service_query query = query_of(instance);
  SECTION("IPv4") {
    query.want_ipv6 = false;
    CHECK(lines_of(conclude(query, dns).found) == lines{"h.example.com.:80 192.0.2.1"});
    CHECK(dns.times_asked_for(rr_type::aaaa) == 0);
  }
  SECTION("IPv6") {
    query.want_ipv4 = false;
    CHECK(lines_of(conclude(query, dns).found) == lines{"h.example.com.:80 2001:db8::1"});
    CHECK(dns.times_asked_for(rr_type::a) == 0);
  }
  SECTION("none") {
    query.want_ipv4 = query.want_ipv6 = false;
    CHECK(conclude(query, dns).status == errc::no_usable_endpoint);
  }
}

TEST_CASE("walk: a target without addresses is skipped, others are used", "[resolver][fault-S12]") {
  paper_dns dns = with_srv({srv_of(0, 0, 80, "gone.example.com"), srv_of(1, 0, 80, "h.example.com")});
  const errc why = GENERATE(errc::nxdomain, errc::no_data, errc::server_failure);
  dns.fail("gone.example.com", rr_type::a, why).fail("gone.example.com", rr_type::aaaa, errc::no_data);
  const auto [status, found] = conclude(query_of(instance), dns);
  CHECK_FALSE(status);
  REQUIRE(found.endpoints.size() == 2);
  CHECK(found.endpoints[0].unresolved == why);
  CHECK(has_warning(found, "1 of 2 endpoints without address, the first is gone.example.com."));
}

TEST_CASE("walk: without any address it is unusable for sure, or unknown", "[resolver][fault-S12][rfc-check-48]") {
  paper_dns dns = with_srv({srv_of(0, 0, 80, "x.example.com"), srv_of(0, 0, 80, "y.example.com")});
  SECTION("all absent") { CHECK(conclude(query_of(instance), dns).status == errc::no_usable_endpoint); }
  SECTION("one family of one target failed") {
    dns.fail(GENERATE("x.example.com", "y.example.com"), GENERATE(rr_type::a, rr_type::aaaa), errc::server_failure);
    CHECK(conclude(query_of(instance), dns).status == errc::server_failure);
  }
  SECTION("one was never answered") {
    dns.unanswered = {{name_of("x.example.com"), rr_type::aaaa}};
    CHECK(conclude(query_of(instance), dns).status == errc::query_timed_out);
  }
}

TEST_CASE("walk: the same target and port in a tier is one endpoint, another port is another",
          "[resolver][fault-S7][fault-S8]") {
  paper_dns dns = with_srv({srv_of(0, 3, 80, "h.example.com"), srv_of(0, 4, 80, "H.example.com"),
                            srv_of(0, 1, 81, "h.example.com"), srv_of(5, 9, 80, "h.example.com")});
  const auto found = conclude(query_of(instance), dns).found;
  REQUIRE(found.endpoints.size() == 3);
  CHECK(found.endpoints[0].port == 80);
  CHECK(found.endpoints[0].weight == 7);
  CHECK(found.endpoints[1].port == 81);
  CHECK(found.endpoints[2].priority == 5);
  CHECK(dns.times_asked("h.example.com", rr_type::a) == 1);
}

TEST_CASE("walk: an address that comes twice is one", "[resolver]") {
  paper_dns dns = with_srv({srv_of(0, 0, 80, "h.example.com")});
  dns.a("h.example.com", {"192.0.2.1", "192.0.2.2", "192.0.2.1"});
  CHECK(lines_of(conclude(query_of(instance), dns).found) == lines{"h.example.com.:80 192.0.2.1 192.0.2.2"});
}

TEST_CASE("walk: an endpoint lives as long as the shortest of its records", "[resolver][rfc2181]") {
  paper_dns dns = with_srv({srv_of(0, 0, 80, "h.example.com")});
  dns.results.at({name_of("h.example.com"), rr_type::a}).answer.ttl = 7s;
  CHECK(conclude(query_of(instance), dns).found.endpoints.at(0).ttl == 7s);
  dns.results.at({name_of(instance), rr_type::srv}).answer.ttl = 3s;
  CHECK(conclude(query_of(instance), dns).found.endpoints.at(0).ttl == 3s);
}

TEST_CASE("walk: targets outside the asked domain are refused by wish", "[resolver][fault-N12]") {
  paper_dns dns = with_srv({srv_of(0, 0, 80, "h.example.org"), srv_of(0, 0, 80, "h.example.com")});
  dns.a("h.example.org", {"192.0.2.9"});
  service_query query = query_of(instance);
  CHECK(conclude(query, dns).found.endpoints.size() == 2);
  query.same_domain = true;
  const auto [status, found] = conclude(query, dns);
  CHECK_FALSE(status);
  CHECK(lines_of(found) == lines{"h.example.com.:80 192.0.2.1"});
  CHECK(has_warning(found, "1 SRV record with a target outside example.com. refused"));
  CHECK(dns.times_asked("h.example.org", rr_type::a) == 0);

  paper_dns outside = with_srv({srv_of(0, 0, 80, "notexample.com")});
  CHECK(conclude(query, outside).status == errc::out_of_domain);
}

TEST_CASE("walk: the caller may name the domain that targets and instances must be below", "[resolver][fault-O18]") {
  paper_dns dns;
  const auto service = "_mongodb._tcp.cluster0.x.example.net";
  dns.srv(service, {srv_of(0, 0, 27017, "shard0.x.example.net")}).a("shard0.x.example.net", {"192.0.2.1"});
  service_query query = query_of(service);
  query.same_domain = true;
  CHECK(conclude(query, dns).status == errc::out_of_domain);
  for (const char* domain : {"x.example.net", "X.EXAMPLE.net", "example.net", "shard0.x.example.net"}) {
    INFO(domain);
    query.allowed_domain = name_of(domain);
    CHECK(lines_of(conclude(query, dns).found) == lines{"shard0.x.example.net.:27017 192.0.2.1"});
  }
  query.allowed_domain = name_of("y.example.net");
  const auto [status, found] = conclude(query, dns);
  CHECK(status == errc::out_of_domain);
  CHECK(has_warning(found, "1 SRV record with a target outside y.example.net. refused"));
}

TEST_CASE("walk: a target that is an alias out of the domain is refused", "[resolver][fault-O18]") {
  const rr_type family = GENERATE(rr_type::a, rr_type::aaaa);
  paper_dns dns = with_srv({srv_of(0, 0, 80, "al.example.com"), srv_of(1, 0, 80, "h.example.com")});
  dns.alias("al.example.com", family, "h.example.org").a("h.example.org", {"192.0.2.9"});
  SECTION("whose address is in the same answer") {
    query_result answered;
    answered.answer.canonical = name_of("h.example.org");
    answered.answer.alias_count = 1;
    answered.answer.ttl = 60s;
    answered.answer.records = std::vector{family == rr_type::a ? address_of("192.0.2.9") : address_of("2001:db8::9")};
    dns.set({name_of("al.example.com"), family}, answered);
  }
  SECTION("whose address has to be asked for") {}
  SECTION("over an alias inside the domain") {
    dns.alias("al.example.com", family, "al2.example.com").alias("al2.example.com", family, "h.example.org");
  }
  service_query query = query_of(instance);
  CHECK(conclude(query, dns).found.endpoints.at(0).target == name_of("al.example.com"));
  query.same_domain = true;
  const auto [status, found] = conclude(query, dns);
  CHECK_FALSE(status);
  CHECK(lines_of(found) == lines{"al.example.com.:80 (name outside the asked domain)", "h.example.com.:80 192.0.2.1"});
  CHECK(has_warning(found, "al.example.com. is an alias of h.example.org. outside example.com., refused"));
  CHECK(dns.times_asked("h.example.org", family) == 0);

  dns.srv(instance, {srv_of(0, 0, 80, "al.example.com")});
  CHECK(conclude(query, dns).status == errc::out_of_domain);
  query.allowed_domain = name_of("example.org");
  CHECK(conclude(query, dns).status == errc::out_of_domain);  // now the target itself is outside
}

TEST_CASE("walk: an alias inside the domain is no reason to refuse", "[resolver][fault-O18]") {
  paper_dns dns = with_srv({srv_of(0, 0, 80, "al.example.com")});
  dns.alias("al.example.com", rr_type::a, "h.example.com");
  service_query query = query_of(instance);
  query.same_domain = true;
  CHECK(lines_of(conclude(query, dns).found) == lines{"al.example.com.:80 192.0.2.1"});
}

TEST_CASE("walk: 1,500 records are all used, 10,000 endpoints are the limit",
          "[resolver][rfc2782][rfc-check-44][fault-W27]") {
  const std::size_t count = GENERATE(std::size_t{1500}, max_endpoints + 5);
  std::vector<srv_record> records;
  paper_dns dns;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string host = 'h' + std::to_string(i) + ".example.com";
    records.push_back(srv_of(0, 1, 80, host));
    if (count < max_endpoints) dns.a(host, {"192.0.2.1"});
  }
  dns.srv(instance, std::move(records));
  service_query query = query_of(instance);
  query.want_ipv6 = false;
  if (count < max_endpoints) {
    const auto [status, found] = conclude(query, dns);
    CHECK_FALSE(status);
    CHECK(found.endpoints.size() == count);
    return;
  }
  // All of these would take the helper quadratic time; one answer is enough.
  walk w(query);
  (void)w.start();
  const question srv{name_of(instance), rr_type::srv};
  const walk::step step = w.on_result(srv, looked_up(dns.answer_to(srv)), {});
  CHECK(step.ask.size() <= walk::most_pending);
  query_result address;
  address.answer.records = std::vector{ip_address::v4({192, 0, 2, 1})};
  (void)w.on_result(step.ask[0], looked_up(address), {});
  const auto [status, found] = seen_of(w.conclude(errc::query_timed_out));
  CHECK_FALSE(status);
  CHECK(found.endpoints.size() == max_endpoints);
  CHECK(has_warning(found, "5 endpoints above the limit of 10000 left out"));
}

TEST_CASE("walk: an address that nothing can be connected to is not used", "[resolver][fault-S15]") {
  paper_dns dns;
  dns.srv("_x._tcp.example.com", {srv_of(0, 0, 80, "h.example.com")});
  SECTION("beside another one") {
    dns.a("h.example.com", {"0.0.0.0", "192.0.2.1"});
    const auto [status, found] = conclude(query_of("_x._tcp.example.com"), dns);
    CHECK_FALSE(status);
    CHECK(lines_of(found) == lines{"h.example.com.:80 192.0.2.1"});
    CHECK(has_warning(found, "h.example.com. has the address 0.0.0.0"));
  }
  SECTION("alone it leaves no endpoint") {
    dns.a("h.example.com", {"224.0.0.1"});
    const auto [status, found] = conclude(query_of("_x._tcp.example.com"), dns);
    CHECK(status == errc::refused_address);
    CHECK(found.endpoints.front().unresolved == errc::refused_address);
  }
}
