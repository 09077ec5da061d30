// Connecting on loopback: listeners that accept, refuse, or never answer.
#include "sdconnect/connect/connector.hpp"

#include "unit/connect/listeners.hpp"
#include "unit/transport/asking.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <string>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

TEST_CASE("connect in order: the first endpoint that answers", "[connect]") {
  connecting c;
  listener a(c.l, "127.0.0.11"), b(c.l, "127.0.0.12");
  c.run({a.as_endpoint(), b.as_endpoint()});
  REQUIRE_FALSE(c.ec);
  CHECK(c.made->where.port == a.port());
  CHECK(c.made->address.to_text() == "127.0.0.11");
  CHECK(c.made->socket().remote_endpoint() == a.at());
  CHECK(c.made->attempts.size() == 1);
  CHECK_FALSE(c.made->attempts[0].result);
}

TEST_CASE("connect in order: a refused endpoint is passed at once", "[connect][fault-B1][rfc-check-36]") {
  connecting c;
  c.options.attempt_delay = 2s;
  listener b(c.l, "127.0.0.12");
  const endpoint dead = closed_endpoint(c.l);
  const auto priority = GENERATE(std::uint16_t{0}, std::uint16_t{9});
  c.run({dead, dead, b.as_endpoint(priority)});
  REQUIRE_FALSE(c.ec);
  CHECK(c.made->socket().remote_endpoint() == b.at());
  REQUIRE(c.made->attempts.size() == 3);
  CHECK(c.made->attempts[0].result == asio::error::connection_refused);
  CHECK(c.made->attempts[1].result == asio::error::connection_refused);
  CHECK(c.made->attempts[2].endpoint_index == 2);
  CHECK(c.made->attempts[2].priority == priority);
}

TEST_CASE("connect in order: when all refuse each attempt is named", "[connect][fault-B4]") {
  connecting c;
  endpoint one = closed_endpoint(c.l), two = closed_endpoint(c.l, 5);
  c.run({one, two});
  CHECK(c.ec == errc::unreachable);
  CHECK_FALSE(c.made->has_socket());
  REQUIRE(c.made->attempts.size() == 2);
  CHECK(c.made->attempts[1].port == two.port);
  const std::string text = explain_failure(c.ec, *c.made);
  CHECK(text == "no endpoint reachable: closed.example.com. 127.0.0.13:" + std::to_string(one.port) +
                    " (Connection refused), closed.example.com. 127.0.0.13:" + std::to_string(two.port) +
                    " (Connection refused)");
}

TEST_CASE("connect in order: beside one that never answers the next is tried and wins",
          "[connect][rfc8305][fault-B3][fault-X32]") {
  connecting c;
  c.options.attempt_delay = 20ms;
  c.options.attempt_timeout = 60s;
  black_hole hole(c.l);
  listener b(c.l, "127.0.0.12");
  c.run({hole.as_endpoint(), b.as_endpoint()});
  REQUIRE_FALSE(c.ec);
  CHECK(c.made->socket().remote_endpoint() == b.at());
  REQUIRE(c.made->attempts.size() == 2);
  CHECK(c.made->attempts[0].result == asio::error::operation_aborted);
  CHECK(c.made->attempts[1].started >= 20ms);
}

TEST_CASE("connect in order: the next tier waits for the timeout of one that never answers",
          "[connect][rfc-check-69]") {
  connecting c;
  c.options.attempt_delay = 10ms;
  c.options.attempt_timeout = 80ms;
  black_hole hole(c.l);
  listener b(c.l, "127.0.0.12");
  c.run({hole.as_endpoint(), b.as_endpoint(1)});
  REQUIRE_FALSE(c.ec);
  REQUIRE(c.made->attempts.size() == 2);
  CHECK(c.made->attempts[0].result == boost::asio::error::timed_out);
  CHECK(c.made->attempts[1].started >= 80ms);
}

TEST_CASE("connect in order: the deadline holds with one that never answers", "[connect]") {
  connecting c;
  black_hole hole(c.l);
  c.timeout = 60ms;
  const auto began = std::chrono::steady_clock::now();
  c.run({hole.as_endpoint()});
  CHECK(c.ec == errc::unreachable);
  CHECK(std::chrono::steady_clock::now() - began >= 60ms);
  CHECK(std::chrono::steady_clock::now() - began < 5s);
}

TEST_CASE("connect in order: nothing to try, or nothing that may be tried", "[connect][fault-S15]") {
  connecting c;
  SECTION("no endpoint") {
    c.run({});
    CHECK(c.ec == errc::unreachable);
  }
  SECTION("no address") {
    endpoint e = closed_endpoint(c.l);
    e.addresses.clear();
    c.run({e});
    CHECK(c.ec == errc::unreachable);
  }
  SECTION("0.0.0.0, which Linux would take for itself") {
    listener a(c.l, "127.0.0.1");
    endpoint e = a.as_endpoint();
    e.addresses = {ip_address::v4({0, 0, 0, 0}), ip_address::from_text("::ffff:0.0.0.0").value()};
    c.run({e});
    CHECK(c.ec == errc::refused_address);
    CHECK(c.made->attempts.size() == 2);
  }
}

TEST_CASE("connect in order: a family that is not wanted is not tried", "[connect]") {
  connecting c;
  listener a(c.l, "127.0.0.11");
  c.options.use_ipv4 = false;
  c.run({a.as_endpoint()});
  CHECK(c.ec == errc::unreachable);
  CHECK(c.made->attempts.empty());
}

TEST_CASE("connector: resolves, chooses and connects, the next tier when the first refuses",
          "[connect][rfc2782][rfc-check-36][fault-B1]") {
  asking a;
  listener b(a.l, "127.0.0.12");
  const endpoint dead = closed_endpoint(a.l);
  const std::string text = "$ORIGIN example.com.\n$TTL 60\n@ SOA ns h 1 2 3 4 30\n_x._tcp SRV 5 0 " +
                           std::to_string(dead.port) + " dead\n_x._tcp SRV 6 0 " + std::to_string(b.port()) +
                           " live\ndead A 127.0.0.13\nlive A 127.0.0.12\n";
  a.options.server_sets[0].servers.push_back(
      name_server::of(std::make_shared<const zone>(*zone::parse(text)), "file:test"));
  connector with{resolver(a.client()), {}, random_engine(1)};
  std::optional<connection> made;
  error_code ec;
  with.async_connect(service_query::from_text("_x._tcp.example.com").value(), [&](error_code e, connection c) {
    ec = e;
    made.emplace(std::move(c));
  });
  CHECK_FALSE(made);
  a.l.until([&] { return made.has_value(); });
  REQUIRE_FALSE(ec);
  CHECK(made->socket().remote_endpoint() == b.at());
  CHECK(made->where.target == name_of("live.example.com"));
  CHECK(made->attempts.size() == 2);
  CHECK(made->found->endpoints.size() == 2);
}

TEST_CASE("connector: what DNS says no to is told with the question", "[connect][rfc-check-42]") {
  asking a;
  const std::string text = "$ORIGIN example.com.\n$TTL 60\n@ SOA ns h 1 2 3 4 30\n_off._tcp SRV 0 0 0 .\n";
  a.options.server_sets[0].servers.push_back(
      name_server::of(std::make_shared<const zone>(*zone::parse(text)), "file:test"));
  connector with{resolver(a.client())};
  const auto fail = [&](const char* service) {
    std::optional<std::pair<error_code, std::string>> said;
    service_query query = service_query::from_text(service).value();
    query.want_txt = false;
    with.async_connect(query, [&](error_code e, connection c) { said.emplace(e, explain_failure(e, c)); });
    a.l.until([&] { return said.has_value(); });
    return *said;
  };
  const auto [off, off_text] = fail("_off._tcp.example.com");
  CHECK(off == errc::service_unavailable);
  const auto [none, none_text] = fail("_none._tcp.example.com");
  CHECK(none == errc::nxdomain);
  CHECK(none_text == "no such name: _none._tcp.example.com. SRV PTR: no such name (file:test)");
}

TEST_CASE("connector: equal weights share the connections", "[connect][rfc2782][rfc-check-38]") {
  asking a;
  listener one(a.l, "127.0.0.11"), two(a.l, "127.0.0.12");
  const std::string text = "$ORIGIN example.com.\n$TTL 60\n@ SOA ns h 1 2 3 4 30\n_x._tcp SRV 0 1 " +
                           std::to_string(one.port()) + " a\n_x._tcp SRV 0 1 " + std::to_string(two.port()) +
                           " b\na A 127.0.0.11\nb A 127.0.0.12\n";
  a.options.server_sets[0].servers.push_back(
      name_server::of(std::make_shared<const zone>(*zone::parse(text)), "file:test"));
  connector with{resolver(a.client()), {}, random_engine(7)};
  const service_query query = service_query::from_text("_x._tcp.example.com").value();
  int first = 0, done = 0;
  for (int i = 0; i < 100; ++i) {
    with.async_connect(query, [&](error_code ec, connection c) {
      CHECK_FALSE(ec);
      first += c.where.port == one.port() ? 1 : 0;
      ++done;
    });
    a.l.until([&] { return done == i + 1; });
  }
  CHECK(first > 25);  // 50 expected, sigma 5
  CHECK(first < 75);
}

TEST_CASE("connector: a target whose name server is silent leaves time to connect elsewhere", "[connect][fault-S12]") {
  asking a;
  const black_hole hole(a.l);
  listener b(a.l, "127.0.0.12");
  a.serve([&](std::span<const std::uint8_t> query, lab::transport) {
    std::vector<test::reply> replies;
    message_builder reply = reply_to(query);
    if (type_of(query) == rr_type::srv) {
      reply.answer(qname_of(query), rr_type::srv, 60, rdata_srv(0, 0, 80, "silent.example.com"));
      reply.answer(qname_of(query), rr_type::srv, 60, rdata_srv(1, 0, hole.as_endpoint().port, "hole.example.com"));
      reply.answer(qname_of(query), rr_type::srv, 60, rdata_srv(2, 0, b.port(), "live.example.com"));
    } else if (qname_of(query).bytes == wire_name("silent.example.com").bytes) {
      return replies;
    } else if (type_of(query) == rr_type::a) {
      const bool is_hole = qname_of(query).bytes == wire_name("hole.example.com").bytes;
      reply.answer(qname_of(query), rr_type::a, 60, rdata_a(is_hole ? "127.0.0.14" : "127.0.0.12"));
    } else {
      reply.rcode(3);
    }
    replies.push_back({.octets = reply.bytes()});
    return replies;
  });
  connector_options options;
  options.connecting.attempt_timeout = 50ms;
  connector with{resolver(a.client()), options};
  service_query query = service_query::from_text("_x._tcp.example.com").value();
  query.timeout = 1s;
  std::optional<error_code> ec;
  with.async_connect(query, [&](error_code e, connection) { ec = e; });
  a.l.until([&] { return ec.has_value(); });
  CHECK_FALSE(*ec);
}

TEST_CASE("connect in order: without a deadline the first that answers wins", "[connect][fault-O36]") {
  connecting c;
  c.options.attempt_timeout = c.options.attempt_delay = std::chrono::milliseconds::max();
  c.options.hedge_delay = std::chrono::milliseconds::max();
  listener b(c.l, "127.0.0.12");
  std::optional<error_code> ec;
  async_connect_in_order(c.l.io.get_executor(), {closed_endpoint(c.l), b.as_endpoint(3)}, c.options,
                         std::chrono::steady_clock::time_point::max(), [&](error_code e, connection) { ec = e; });
  c.l.until([&] { return ec.has_value(); });
  CHECK_FALSE(*ec);
}

TEST_CASE("connector: a timeout of max() is no limit", "[connect][fault-O36]") {
  asking a;
  const listener live(a.l, "127.0.0.12");
  const std::string text = "$ORIGIN example.com.\n$TTL 60\n@ SOA ns h 1 2 3 4 30\n_x._tcp SRV 5 0 " +
                           std::to_string(live.port()) + " live\nlive A 127.0.0.12\n";
  a.options.server_sets[0].servers.push_back(
      name_server::of(std::make_shared<const zone>(*zone::parse(text)), "file:test"));
  connector with{resolver(a.client())};
  service_query query = service_query::from_text("_x._tcp.example.com").value();
  query.timeout = std::chrono::milliseconds::max();
  std::optional<error_code> ec;
  with.async_connect(query, [&](error_code e, connection) { ec = e; });
  a.l.until([&] { return ec.has_value(); });
  CHECK_FALSE(*ec);
}
