// A connector over its lifetime: health, limits and drain, over sockets.
#include "sdconnect/connect/health_checker.hpp"
#include "support/forging_server.hpp"
#include "unit/connect/listeners.hpp"
#include "unit/transport/asking.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

/// _x._tcp.example.com. at a name server whose records change; the resolver caches nothing between
/// connects.
struct changing : asking {
  std::shared_ptr<const zone> zone_now;
  connector_options options;
  std::optional<resolver> find;
  std::optional<connector> with;
  error_code ec;
  std::optional<connection> made;

  changing() {
    serve([this](std::span<const std::uint8_t> query, lab::transport over) {
      return test::zone_forger(zone_now)(query, over);
    });
    options.balancing.policy = selection_policy::ordered;
    options.balancing.health.first_demotion = 1h;  // longer than any test
  }

  /// Lines such as "_x._tcp SRV 0 1 80 h".
  void records(const std::string& lines) {
    zone_now = std::make_shared<const zone>(*zone::parse(
        "$ORIGIN example.com.\n$TTL 60\n@ SOA ns h 1 2 3 4 30\nh A 127.0.0.11\ndead A 127.0.0.13\n" + lines));
  }

  static service_query the_query() { return service_query::from_text("_x._tcp.example.com").value(); }
  static std::string srv(std::uint16_t port, const char* target, int weight) {
    return "_x._tcp SRV 0 " + std::to_string(weight) + ' ' + std::to_string(port) + ' ' + target + '\n';
  }

  connection& connect(std::optional<std::uint64_t> key = {}) {
    if (!find) find.emplace(client());
    if (!with) with.emplace(*find, options, random_engine(1));
    find->clear_cache();
    made.reset();
    with->async_connect(the_query(), key, [this](error_code e, connection c) {
      ec = e;
      made.emplace(std::move(c));
    });
    l.until([this] { return made.has_value(); });
    return *made;
  }
};

}  // namespace

TEST_CASE("connector: what refused is tried last by the next connect, through every refresh",
          "[connect][fault-B1][fault-B2][fault-S24]") {
  changing c;
  const listener live(c.l, "127.0.0.11");
  const std::uint16_t dead = closed_endpoint(c.l).port;
  c.records(c.srv(dead, "dead", 9) + c.srv(live.port(), "h", 1));
  CHECK(c.connect().attempts.size() == 2);
  CHECK_FALSE(c.ec);
  CHECK(c.connect().attempts.size() == 1);
  c.records(c.srv(dead, "DEAD", 7) + c.srv(live.port(), "h", 2));
  CHECK(c.connect().attempts.size() == 1);
  CHECK(c.made->where.weight == 2);
  connector copy = *c.with;
  c.with.emplace(copy);
  CHECK(c.connect().attempts.size() == 1);

  SECTION("told by its status") {
    const std::vector<service_status> known = c.with->status();
    REQUIRE(known.size() == 1);
    CHECK(known[0].query == c.the_query().qname);
    REQUIRE(known[0].endpoints.size() == 2);
    CHECK(known[0].endpoints[0].health.state == health_state::down);
    CHECK(known[0].endpoints[0].health.last_failure == outcome_kind::refused);
    CHECK(known[0].endpoints[1].stats.outcomes[std::size_t(outcome_kind::connected)] == 4);
    const auto& latency = known[0].endpoints[1].stats.latency;
    CHECK(std::accumulate(latency.begin(), latency.end(), std::uint64_t{0}) == 4);
  }
  SECTION("until the network is another one") {
    c.with->reset_health();
    CHECK(c.connect().attempts.size() == 2);
  }
  SECTION("or the endpoint has left and come back") {
    c.records(c.srv(live.port(), "h", 2));
    CHECK(c.connect().attempts.size() == 1);
    c.records(c.srv(dead, "dead", 9) + c.srv(live.port(), "h", 1));
    CHECK(c.connect().attempts.size() == 2);
  }
}

TEST_CASE("connector: active checks of a service's balancer keep connects away from what they found down",
          "[connect][fault-B1]") {
  changing c;
  const listener live(c.l, "127.0.0.11");
  auto dying = std::make_unique<listener>(c.l, "127.0.0.13");
  c.records(c.srv(dying->port(), "dead", 9) + c.srv(live.port(), "h", 1));
  CHECK(c.with == std::nullopt);
  CHECK(c.connect().where.weight == 9);

  dying.reset();
  health_checker_options often;
  often.schedule.interval = often.schedule.hurried_interval = 20ms;
  int bad = 0;
  often.on_probed = [&](const endpoint&, error_code ec, const probe_result&) { bad += ec ? 1 : 0; };
  {
    const health_checker checker(c.l.io.get_executor(), c.with->find_balancer(c.the_query()), prober(probe_options{}),
                                 often);
    c.l.until([&] { return bad >= 3; });
  }
  CHECK(c.connect().attempts.size() == 1);
  CHECK(c.made->where.weight == 1);
}

TEST_CASE("connector: addresses that the caller does not admit are not tried", "[connect][fault-O40][fault-S15]") {
  changing c;
  const listener one(c.l, "127.0.0.11");
  const listener other(c.l, "127.0.0.13");
  c.records(c.srv(one.port(), "h", 9) + c.srv(other.port(), "dead", 1));
  std::vector<std::string> asked;
  c.options.connecting.admits = [&](const name& service, const endpoint& to, const ip_address& at) -> bool {
    asked.push_back(service.to_text() + ' ' + to.target.to_text() + ' ' + at.to_text());
    return at != one.as_endpoint().addresses.front();
  };
  CHECK(c.connect().address.to_text() == "127.0.0.13");
  CHECK_FALSE(c.ec);
  REQUIRE(c.made->attempts.size() == 2);
  CHECK(c.made->attempts[0].result == errc::refused_address);
  CHECK(asked == std::vector<std::string>{"_x._tcp.example.com. h.example.com. 127.0.0.11",
                                          "_x._tcp.example.com. dead.example.com. 127.0.0.13"});
}

TEST_CASE("connector: a single endpoint is tried however ill it is", "[connect][fault-B17]") {
  changing c;
  const std::uint16_t dead = closed_endpoint(c.l).port;
  c.records(c.srv(dead, "dead", 9));
  for (int i = 0; i < 4; ++i) {
    CHECK(c.connect().attempts.size() == 1);
    CHECK(c.ec == errc::unreachable);
  }
}

TEST_CASE("connector: without retries left a connect tries one endpoint, and says why",
          "[connect][fault-B4][fault-B10]") {
  changing c;
  c.options.retries = retry_budget_options{.share = 0, .floor_per_s = 0, .burst = 1};
  std::string text;
  for (int i = 0; i < 3; ++i) text += c.srv(closed_endpoint(c.l).port, "dead", 9);
  c.records(text);
  CHECK(c.connect().attempts.size() == 2);
  CHECK(c.ec == errc::unreachable);
  CHECK(c.connect().attempts.size() == 1);
  CHECK(c.ec == errc::unreachable);
  CHECK(c.made->restraint.retry_budget);
  const std::string said = explain_failure(c.ec, *c.made);
  INFO(said);
  CHECK(said.starts_with("no endpoint reachable: _x._tcp.example.com.: dead.example.com. 127.0.0.13:"));
  CHECK(said.ends_with(" (Connection refused); 2 more endpoints not tried: retry budget exhausted"));

  c.options.retries.reset();
  c.with.reset();
  for (int i = 0; i < 3; ++i) CHECK(c.connect().attempts.size() == 3);
}

TEST_CASE("connector: no more connections in flight than allowed, each until its use ends", "[connect]") {
  changing c;
  c.options.balancing.max_in_flight = 1;
  const listener live(c.l, "127.0.0.11");
  c.records(c.srv(live.port(), "h", 1));
  std::optional<endpoint_use> held = std::move(c.connect().use);
  REQUIRE(held);
  CHECK(c.connect().attempts.empty());
  CHECK(c.ec == errc::unreachable);
  CHECK(explain_failure(c.ec, *c.made) ==
        "no endpoint reachable: _x._tcp.example.com.: 1 endpoint at the limit of connections in flight");
  held.reset();
  (void)c.connect();
  CHECK_FALSE(c.ec);
}

TEST_CASE("connector: attempts per second are limited, those that cannot come in time are not made", "[connect]") {
  changing c;
  c.options.rate = {.attempts_per_s = 0.001, .burst = 1};
  const listener live(c.l, "127.0.0.11");
  c.records(c.srv(live.port(), "h", 1));
  (void)c.connect();
  CHECK_FALSE(c.ec);
  (void)c.connect();
  CHECK(c.ec == errc::unreachable);
  CHECK(explain_failure(c.ec, *c.made) ==
        "no endpoint reachable: _x._tcp.example.com.: 1 endpoint not tried: limit of attempts per second reached");
}

TEST_CASE("connector: a stream outlives its endpoint's place in DNS, new ones go elsewhere", "[connect][fault-B14]") {
  changing c;
  c.options.balancing.drain_deadline = 1h;
  listener old(c.l, "127.0.0.11"), other(c.l, "127.0.0.11");
  c.records(c.srv(old.port(), "h", 9) + c.srv(other.port(), "h", 1));
  (void)c.connect();
  connection stream = *std::move(c.made);
  REQUIRE(stream.where.port == old.port());
  REQUIRE(stream.use);
  CHECK_FALSE(stream.use->drain_deadline());
  c.records(c.srv(other.port(), "h", 1));
  CHECK(c.connect().where.port == other.port());
  CHECK(stream.use->drain_deadline().has_value());
  CHECK(stream.has_socket());
  CHECK(stream.socket().write_some(asio::buffer("x", 1)) == 1);
  SECTION("with no service left at all, too") {
    c.records("");
    (void)c.connect();
    CHECK(c.ec == errc::nxdomain);
    REQUIRE(c.with->status().size() == 1);
    CHECK(std::ranges::all_of(c.with->status()[0].endpoints, &endpoint_status::is_draining));
  }
  SECTION("back in DNS it need not end") {
    c.records(c.srv(old.port(), "h", 9));
    (void)c.connect();
    CHECK_FALSE(stream.use->drain_deadline());
  }
}

TEST_CASE("connector: what the caller learns later is told through the use", "[connect]") {
  changing c;
  c.options.balancing.health.silent_close_is_failure = true;
  listener one(c.l, "127.0.0.11"), two(c.l, "127.0.0.11");
  c.records(c.srv(one.port(), "h", 9) + c.srv(two.port(), "h", 1));
  const outcome_kind learned = GENERATE(outcome_kind::handshake_failed, outcome_kind::closed_silently);
  CHECK(c.connect().where.port == one.port());
  c.made->use->report(learned, {}, std::chrono::steady_clock::now());
  CHECK(c.connect().where.port == two.port());
}

TEST_CASE("connector: with policy hash a key has its endpoint", "[connect]") {
  changing c;
  c.options.balancing.policy = selection_policy::hash;
  c.options.key = 1;
  listener one(c.l, "127.0.0.11"), two(c.l, "127.0.0.11"), three(c.l, "127.0.0.11");
  c.records(c.srv(one.port(), "h", 1) + c.srv(two.port(), "h", 1) + c.srv(three.port(), "h", 1));
  std::vector<std::uint16_t> chosen;
  for (std::uint64_t key = 1; key <= 60; ++key) {
    chosen.push_back(c.connect(key).where.port);
    CHECK(c.connect(key).where.port == chosen.back());
  }
  CHECK(c.connect().where.port == chosen[0]);
  // The scores depend on the ports, which the system chooses: the probability that one is missing
  // is 3 (2/3)^60 < 10^-9.
  CHECK(std::set<std::uint16_t>(chosen.begin(), chosen.end()).size() == 3);
}

TEST_CASE("connector: a service that does not exist is not remembered", "[connect]") {
  changing c;
  c.records("");
  (void)c.connect();
  CHECK(c.ec == errc::nxdomain);
  CHECK(c.with->status().empty());
}

TEST_CASE("connector: a connect continues after a useless endpoint, in its order, without what it has tried",
          "[connect][fault-O21]") {
  changing c;
  c.options.trace = true;
  const listener first(c.l, "127.0.0.11"), second(c.l, "127.0.0.11"), third(c.l, "127.0.0.11");
  const std::uint16_t dead = closed_endpoint(c.l).port;
  c.records(c.srv(first.port(), "h", 9) + c.srv(dead, "dead", 8) + c.srv(second.port(), "h", 7) + "_x._tcp SRV 1 0 " +
            std::to_string(third.port()) + " h\n");
  std::vector<std::uint16_t> led_to{c.connect().where.port};
  const auto next = [&] {
    connection failed = std::move(*c.made);
    c.made.reset();
    c.with->async_connect_next(c.the_query(), std::move(failed), outcome_kind::handshake_failed,
                               [&](error_code e, connection made) {
                                 c.ec = e;
                                 c.made.emplace(std::move(made));
                               });
    c.l.until([&] { return c.made.has_value(); });
    return c.made->where.port;
  };
  led_to.push_back(next());
  led_to.push_back(next());
  CHECK(led_to == std::vector{first.port(), second.port(), third.port()});
  std::vector<std::uint16_t> tried;
  for (const connect_attempt& a : c.made->attempts) tried.push_back(a.port);
  CHECK(tried == std::vector{first.port(), dead, second.port(), third.port()});
  CHECK(std::ranges::is_sorted(c.made->attempts, {}, &connect_attempt::started));
  CHECK_FALSE(c.made->plan.order.empty());
  (void)next();
  CHECK(c.ec == errc::unreachable);
  CHECK(c.made->attempts.size() == 4);
  const std::vector<service_status> known = c.with->status();
  REQUIRE(known.size() == 1);
  for (const endpoint_status& e : known[0].endpoints) CHECK(e.health.last_failure != outcome_kind::connected);
}

TEST_CASE("connector: a continued connect needs a retry for its first attempt", "[connect][fault-O21][fault-B10]") {
  changing c;
  c.options.retries = retry_budget_options{.share = 0, .floor_per_s = 0, .burst = 0};
  const listener first(c.l, "127.0.0.11"), second(c.l, "127.0.0.11");
  c.records(c.srv(first.port(), "h", 9) + c.srv(second.port(), "h", 7));
  CHECK(c.connect().where.port == first.port());
  std::optional<connection> after;
  c.with->async_connect_next(c.the_query(), std::move(*c.made), outcome_kind::reset,
                             [&](error_code e, connection made) {
                               c.ec = e;
                               after.emplace(std::move(made));
                             });
  c.l.until([&] { return after.has_value(); });
  CHECK(c.ec == errc::unreachable);
  CHECK(after->restraint.retry_budget);
  CHECK(after->attempts.size() == 1);
}
