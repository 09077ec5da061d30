// How connects call back: tokens, executors, cancellation at every step, destruction, descriptors.
#include "sdconnect/connect/connector.hpp"
#include "unit/connect/listeners.hpp"
#include "unit/transport/asking.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::cancellation_type;

namespace {

// _x._tcp.example.com. has one endpoint; the answers come from a file in the process.
struct served : asking {
  explicit served(const endpoint& e) {
    const std::string text = "$ORIGIN example.com.\n$TTL 60\n@ SOA ns h 1 2 3 4 30\n_x._tcp SRV 0 0 " +
                             std::to_string(e.port) + " h\nh A " + e.addresses.at(0).to_text() + '\n';
    options.server_sets[0].servers.push_back(
        name_server::of(std::make_shared<const zone>(*zone::parse(text)), "file:test"));
  }
  connector with() { return connector(resolver(client())); }
};

service_query the_query(std::chrono::milliseconds timeout = 10s) {
  service_query query = service_query::from_text("_x._tcp.example.com").value();
  query.timeout = timeout;
  return query;
}

int next_descriptor() {
  const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::close(next);
  return next;
}

}  // namespace

TEST_CASE("connector: completes through the handler's executor, futures, deferred and coroutines included",
          "[connect][asio]") {
  loop listening;
  const listener live(listening, "127.0.0.11");
  served s(live.as_endpoint());
  connector with = s.with();
  SECTION("executor") {
    asio::io_context other;
    bool inside = false;
    with.async_connect(the_query(), asio::bind_executor(other.get_executor(), [&](error_code ec, connection) {
                         inside = !ec && other.get_executor().running_in_this_thread();
                       }));
    s.l.until([&] { return other.poll() > 0; });
    CHECK(inside);
  }
  SECTION("future") {
    std::future<connection> future = with.async_connect(the_query(), asio::use_future);
    s.l.until([&] { return future.wait_for(0s) == std::future_status::ready; });
    CHECK(future.get().has_socket());
  }
  SECTION("deferred, in a given order") {
    auto later = async_connect_in_order(s.l.io.get_executor(), {live.as_endpoint()}, {},
                                        std::chrono::steady_clock::now() + 10s, asio::deferred);
    s.l.io.poll();
    bool done = false;
    std::move(later)([&](error_code ec, connection) { done = !ec; });
    s.l.until([&] { return done; });
  }
  SECTION("coroutine") {
    bool done = false;
    const auto run = [&](connector c) -> asio::awaitable<void> {
      const service_query query = the_query();
      auto [ec, made] = co_await c.async_connect(query, asio::as_tuple(asio::use_awaitable));
      CHECK_FALSE(ec);
      const std::vector<endpoint> order{made.where};
      const connect_options options;
      const auto deadline = std::chrono::steady_clock::now() + 10s;
      const auto executor = c.get_executor();
      auto [again_ec, again] =
          co_await async_connect_in_order(executor, order, options, deadline, asio::as_tuple(asio::use_awaitable));
      CHECK_FALSE(again_ec);
      done = again.has_socket() && made.has_socket();
    };
    asio::co_spawn(s.l.io, run(with), [](const std::exception_ptr& e) { CHECK(e == nullptr); });
    s.l.until([&] { return done; });
  }
}

TEST_CASE("connector: cancellation is heard at every step, also between resolving and connecting",
          "[connect][asio][replay][fault-X36]") {
  const auto type = GENERATE(cancellation_type::terminal, cancellation_type::partial, cancellation_type::total);
  loop listening;
  const black_hole hole(listening);
  served s(hole.as_endpoint());
  bool connected_once = false;
  for (int steps = 0; steps < 40; ++steps) {
    INFO("after " << steps << " handlers");
    asio::cancellation_signal signal;
    int calls = 0;
    error_code ec;
    bool tried = false;
    s.with().async_connect(the_query(2s), asio::bind_cancellation_slot(signal.slot(), [&](error_code e, connection c) {
                             ++calls;
                             ec = e;
                             tried = !c.attempts.empty();
                           }));
    s.l.io.restart();
    for (int i = 0; i < steps; ++i) s.l.io.poll_one();
    REQUIRE(calls == 0);
    signal.emit(type);
    CHECK(calls == 0);
    s.l.until([&] { return calls == 1; });
    CHECK(ec == asio::error::operation_aborted);
    connected_once = connected_once || tried;
    signal.emit(type);
    s.l.io.poll();
    CHECK(calls == 1);
  }
  CHECK(connected_once);  // the loop reached the last step
}

TEST_CASE("connect in order: every type of cancellation ends it, once, with every attempt told",
          "[connect][asio][fault-X36]") {
  const auto type = GENERATE(cancellation_type::terminal, cancellation_type::partial, cancellation_type::total);
  loop l;
  const black_hole hole(l), other(l);
  const int before = next_descriptor();
  connect_options options;
  options.attempt_delay = 10ms;
  const bool at_once = GENERATE(true, false);
  asio::cancellation_signal signal;
  int calls = 0;
  error_code ec;
  std::vector<connect_attempt> attempts;
  async_connect_in_order(l.io.get_executor(), {hole.as_endpoint(), other.as_endpoint()}, options,
                         std::chrono::steady_clock::now() + 10s,
                         asio::bind_cancellation_slot(signal.slot(), [&](error_code e, connection c) {
                           ++calls;
                           ec = e;
                           attempts = c.attempts;
                         }));
  if (!at_once) l.until([&] { return next_descriptor() >= before + 2; });  // the second attempt has begun
  signal.emit(type);
  CHECK(calls == 0);
  l.until([&] { return calls == 1; });
  CHECK(ec == asio::error::operation_aborted);
  CHECK(attempts.size() == (at_once ? 1 : 2));
  for (const connect_attempt& attempt : attempts) CHECK(attempt.result == asio::error::operation_aborted);
  CHECK(next_descriptor() == before);
}

TEST_CASE("connect in order: attempts that lost leave no descriptor behind", "[connect][fault-L31]") {
  connecting c;
  c.options.attempt_delay = 10ms;
  const black_hole hole(c.l);
  const listener live(c.l, "127.0.0.11");
  c.run({hole.as_endpoint(), live.as_endpoint()});
  c.made.reset();
  const int before = next_descriptor();
  for (int i = 0; i < 5; ++i) {
    c.run({hole.as_endpoint(), live.as_endpoint()});
    REQUIRE_FALSE(c.ec);
    c.made.reset();
  }
  CHECK(next_descriptor() == before);
}

TEST_CASE("connector: the loop may be destroyed while it connects", "[connect][asio][fault-X36]") {
  loop listening;
  const black_hole hole(listening);
  const auto kept = std::make_shared<int>();
  {
    served s(hole.as_endpoint());
    const int steps = GENERATE(0, 3, 30);
    s.with().async_connect(the_query(), [kept](error_code, connection) { FAIL("called"); });
    for (int i = 0; i < steps; ++i) s.l.io.poll_one();
  }
  CHECK(kept.use_count() == 1);
}

TEST_CASE("connector: a handler may destroy the connector and connect again", "[connect][asio][fault-X36]") {
  loop listening;
  const listener live(listening, "127.0.0.11");
  served s(live.as_endpoint());
  auto with = std::make_unique<connector>(s.with());
  bool done = false;
  with->async_connect(the_query(), [&](error_code, connection) {
    connector copy = *with;
    with.reset();
    copy.async_connect(the_query(), [&](error_code ec, connection) { done = !ec; });
  });
  s.l.until([&] { return done; });
}

TEST_CASE("explain failure: many attempts are summed up, IPv6 is bracketed, names are escaped", "[connect][fault-N4]") {
  connection tried;
  for (int i = 0; i < 20; ++i) {
    connect_attempt attempt;
    attempt.target = name_of("a\\027b.example.com");
    attempt.address = ip_address::from_text("2001:db8::1").value();
    attempt.port = 80;
    attempt.result = asio::error::connection_refused;
    tried.attempts.push_back(attempt);
  }
  const std::string text = explain_failure(errc::unreachable, tried);
  CHECK(text.starts_with("no endpoint reachable: a\\027b.example.com. [2001:db8::1]:80 (Connection refused), "));
  CHECK(text.ends_with(", and 4 more"));
  CHECK(explain_failure(errc::unreachable, connection()) == "no endpoint reachable");
}

TEST_CASE("explain failure: names the service, once", "[connect][fault-O15]") {
  connection tried;
  service asked;
  asked.query = name_of("_x._tcp.a\\027b.example.com");
  tried.found = std::make_shared<const service>(asked);
  const std::string name = "_x._tcp.a\\027b.example.com.";
  CHECK(explain_failure(errc::unreachable, tried) == "no endpoint reachable: " + name);
  tried.restraint.at_limit = 1;
  CHECK(explain_failure(errc::unreachable, tried) ==
        "no endpoint reachable: " + name + ": 1 endpoint at the limit of connections in flight");
  tried.restraint = {};
  asked.queries = {{.asked = {asked.query, rr_type::srv}, .status = errc::query_timed_out}};
  tried.found = std::make_shared<const service>(asked);
  CHECK(explain_failure(errc::query_timed_out, tried) == "DNS query timed out: " + name + " SRV: DNS query timed out");
  asked.queries[0].status = errc::server_failure;
  asked.queries[0].attempts = {{"192.0.2.9#53", dns_transport::udp, errc::server_failure, {}, 0, {{7, "old\x1b"}}}};
  tried.found = std::make_shared<const service>(asked);
  CHECK(explain_failure(errc::server_failure, tried) ==
        "name server failure: " + name +
            " SRV: name server failure (192.0.2.9#53), EDE 7 (Signature Expired): old\\027");
  connect_attempt attempt;
  attempt.target = name_of("h.example.com");
  attempt.address = ip_address::v4({192, 0, 2, 1});
  attempt.port = 80;
  attempt.result = asio::error::connection_refused;
  tried.attempts = {attempt};
  CHECK(explain_failure(errc::unreachable, tried) ==
        "no endpoint reachable: " + name + ": h.example.com. 192.0.2.1:80 (Connection refused)");
}

TEST_CASE("connect: an argument that is no service name is refused before any question", "[connect]") {
  CHECK_THROWS_AS((void)connect("..", 1ms), connect_error);
  // One line, without the text that system_error would add.
  CHECK_THROWS_WITH((void)connect("a..b", 1ms), "empty label in name: a..b");
  CHECK_THROWS_AS((void)connect("_x._tcp.local", 1ms), connect_error);
}
