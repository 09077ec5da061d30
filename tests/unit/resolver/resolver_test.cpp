// The resolver on an event loop, with a zone served in the process.
#include "sdconnect/resolver/resolver.hpp"

#include "unit/transport/asking.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include <memory>
#include <string>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::cancellation_type;

namespace {

std::shared_ptr<const zone> the_zone() {
  std::string text = R"($ORIGIN example.com.
$TTL 60
@ SOA ns h 1 2 3 4 30
_x._tcp PTR v1._x._tcp
_x._tcp PTR v2._x._tcp
v1._x._tcp SRV 0 0 80 h1
v1._x._tcp TXT "n=1"
v2._x._tcp SRV 10 0 80 h2
h1 A 192.0.2.1
h1 AAAA 2001:db8::1
h2 A 192.0.2.2
_services._dns-sd._udp PTR _x._tcp
_services._dns-sd._udp PTR _y._udp
alias CNAME _x._tcp
away CNAME o.example.net.
)";
  for (int i = 0; i < 300; ++i)
    text += "_big._tcp SRV 0 0 80 b" + std::to_string(i) + "\nb" + std::to_string(i) + " A 192.0.2.3\n";
  return std::make_shared<const zone>(*zone::parse(text));
}

struct resolving : asking {
  error_code ec = errc::unreachable;
  service found;
  browse_result browsed;
  int calls = 0;

  void from_file() { options.server_sets[0].servers.push_back(name_server::of(the_zone(), "file:test")); }
  [[nodiscard]] resolver with() { return resolver(client()); }
  void resolve(const service_query& query) {
    with().async_resolve(query, [this](error_code e, service s) {
      ++calls;
      ec = e;
      found = std::move(s);
    });
    CHECK(calls == 0);
    l.until([&] { return calls > 0; });
  }
  void browse(std::string_view owner, std::chrono::milliseconds timeout = 10s) {
    with().async_browse(name_of(owner), timeout, [this](error_code e, browse_result b) {
      ++calls;
      ec = e;
      browsed = std::move(b);
    });
    CHECK(calls == 0);
    l.until([&] { return calls > 0; });
  }
};

service_query query_of(std::string_view text, std::chrono::milliseconds timeout = 10s) {
  service_query query = service_query::from_text(text).value();
  query.timeout = timeout;
  return query;
}

}  // namespace

TEST_CASE("resolver: a type becomes endpoints, over sockets and from a file", "[resolver][rfc6763]") {
  resolving r;
  SECTION("file") { r.from_file(); }
  SECTION("sockets") { r.serve(test::zone_forger(the_zone())); }
  r.resolve(query_of("_x._tcp.example.com"));
  CHECK_FALSE(r.ec);
  REQUIRE(r.found.endpoints.size() == 2);
  CHECK(r.found.endpoints[0].target == name_of("h1.example.com"));
  CHECK(r.found.endpoints[0].addresses.size() == 2);
  CHECK(r.found.endpoints[1].priority == 10);
  CHECK(r.found.instances.size() == 2);
  CHECK(r.found.server == r.options.server_sets[0].servers[0].label);
  CHECK_FALSE(r.found.queries.empty());
}

TEST_CASE("resolver: a set too big for UDP comes over TCP, all of it",
          "[resolver][rfc-check-44][rfc-check-53][fault-X7]") {
  resolving r;
  test::forging_server& server = r.serve(test::zone_forger(the_zone()));
  service_query query = query_of("_big._tcp.example.com");
  // The A records are additional records; 300 datagrams at once would overrun the server's socket.
  query.want_ipv6 = false;
  r.resolve(query);
  CHECK_FALSE(r.ec);
  CHECK(r.found.endpoints.size() == 300);
  CHECK(server.queries(lab::transport::tcp) == 1);
}

TEST_CASE("resolver: absent is absent", "[resolver][rfc2308]") {
  resolving r;
  r.serve(test::zone_forger(the_zone()));
  r.resolve(query_of("_none._tcp.example.com"));
  CHECK(r.ec == errc::nxdomain);
  CHECK(r.found.kind == service_kind::none);
}

TEST_CASE("resolver: an instance that answers only in part is told at the deadline with what was learned",
          "[resolver][rfc-check-48]") {
  resolving r;
  r.serve([zone = test::zone_forger(the_zone())](std::span<const std::uint8_t> query, lab::transport over) {
    if (type_of(query) == rr_type::aaaa || type_of(query) == rr_type::ptr) return std::vector<test::reply>();
    std::vector<test::reply> replies = zone(query, over);
    if (type_of(query) == rr_type::srv)
      replies = {{.octets = reply_to(query)
                                .answer(qname_of(query), rr_type::srv, 60, rdata_srv(0, 0, 80, "h1.example.com"))
                                .bytes()}};
    return replies;
  });
  const auto began = dns_client::clock::now();
  service_query query = query_of("v1._x._tcp.example.com", 150ms);
  SECTION("everything was waited for") {
    r.resolve(query);
    CHECK(dns_client::clock::now() - began >= 140ms);
  }
  SECTION("in a hurry to connect") {
    query.timeout = 100s;
    query.resolution_delay = 10ms;
    r.resolve(query);
    CHECK(dns_client::clock::now() - began < 5s);
  }
  CHECK_FALSE(r.ec);
  CHECK(r.found.endpoints.at(0).addresses == std::vector{ip_address::v4({192, 0, 2, 1})});
}

TEST_CASE("resolver: a silent server is a timeout at the deadline", "[resolver][fault-X15]") {
  resolving r;
  r.serve(is_silent());
  const auto began = dns_client::clock::now();
  r.resolve(query_of("_x._tcp.example.com", 60ms));
  CHECK(r.ec == errc::query_timed_out);
  CHECK(dns_client::clock::now() - began >= 60ms);
  CHECK(dns_client::clock::now() - began < 5s);
  CHECK(r.found.queries.size() == 3);
}

TEST_CASE("resolver: no time at all is a timeout", "[resolver]") {
  resolving r;
  r.from_file();
  r.resolve(query_of("_x._tcp.example.com", 0ms));
  CHECK(r.ec == errc::query_timed_out);
}

TEST_CASE("resolver: a name that cannot be made fails without a question", "[resolver]") {
  resolving r;
  r.from_file();
  service_query query = query_of("_x._tcp.example.com");
  query.subtype = std::string(100, 'x');
  r.resolve(query);
  CHECK(r.ec == errc::label_too_long);
  CHECK(r.found.queries.empty());
}

TEST_CASE("resolver: browsing lists each target once, in order",
          "[resolver][rfc6763][rfc-check-10][rfc-check-15][fault-O11]") {
  resolving r;
  r.serve([](std::span<const std::uint8_t> query, lab::transport) {
    message_builder reply = reply_to(query);
    for (const char* target :
         {"b._x._tcp.example.com", "a._x._tcp.example.com", "junk.example.com", "B._X._tcp.Example.com"}) {
      reply.answer(qname_of(query), rr_type::ptr, 60, rdata_name(target));
    }
    return std::vector<test::reply>{{.octets = reply.bytes()}};
  });
  r.browse("_x._tcp.example.com");
  CHECK_FALSE(r.ec);
  REQUIRE(r.browsed.entries.size() == 2);
  CHECK(r.browsed.entries[0].target == name_of("a._x._tcp.example.com"));
  CHECK(r.browsed.entries[0].ttl == 60s);
  CHECK(r.browsed.entries[1].target == name_of("b._x._tcp.example.com"));
  REQUIRE(r.browsed.warnings.size() == 1);
  CHECK(r.browsed.warnings[0].find("junk.example.com.") != std::string::npos);
  CHECK(r.browsed.query == name_of("_x._tcp.example.com"));
}

TEST_CASE("resolver: the types of a domain are browsed by their meta query",
          "[resolver][rfc6763][rfc-check-12][rfc-check-13]") {
  CHECK(type_enumeration_name(name_of("example.com")).value() == name_of("_services._dns-sd._udp.example.com"));
  CHECK(domain_enumeration_name(domain_enumeration::legacy_browse, name_of("example.com")).value() ==
        name_of("lb._dns-sd._udp.example.com"));
  resolving r;
  r.from_file();
  r.browse(type_enumeration_name(name_of("example.com")).value().to_text());
  CHECK_FALSE(r.ec);
  CHECK(r.browsed.entries.size() == 2);
}

TEST_CASE("resolver: browsing follows aliases, and says which kind of nothing there is",
          "[resolver][rfc-check-10][fault-N14]") {
  resolving r;
  SECTION("inside the answer") {
    r.from_file();
    r.browse("alias.example.com");
    CHECK(r.browsed.entries.size() == 2);
  }
  SECTION("out of the answer, in rings") {
    r.serve([](std::span<const std::uint8_t> query, lab::transport) {
      const octets other =
          rdata_name(std::string(1, static_cast<char>('a' + (query[13] - 'a' + 1) % 3)) + ".example.com");
      return std::vector<test::reply>{
          {.octets = reply_to(query).answer(qname_of(query), rr_type::cname, 60, other).bytes()}};
    });
    r.browse("a.example.com");
    CHECK(r.ec == errc::alias_loop);
    CHECK(r.browsed.queries.size() == max_aliases + 1);
  }
  SECTION("no such name") {
    r.from_file();
    r.browse("_none._tcp.example.com");
    CHECK(r.ec == errc::nxdomain);
    CHECK(r.browsed.entries.empty());
  }
  SECTION("no such record") {
    r.from_file();
    r.browse("h1.example.com");
    CHECK(r.ec == errc::no_data);
  }
  SECTION("nothing heard") {
    r.serve(is_silent());
    r.browse("_x._tcp.example.com", 30ms);
    CHECK(r.ec == errc::query_timed_out);
  }
}
