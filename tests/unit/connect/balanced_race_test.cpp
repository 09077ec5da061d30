// A connector's memory between connects, in simulated time: a connect uses what earlier ones
// learned.
#include "unit/connect/known_service.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
using reaction = known_service::reaction;
using ports = std::vector<std::uint16_t>;

namespace {

const auto all_refuse = [](std::uint16_t) { return reaction::refuses; };

connector_options ordered() { return {.balancing = {.policy = selection_policy::ordered}}; }

}  // namespace

TEST_CASE("connector's memory: what refused is tried last by the next connect", "[connect][fault-B1][fault-B2]") {
  known_service s(ordered());
  for (std::uint16_t port = 1; port <= 10; ++port) s.list(port, 0, 100U - port);
  const auto only_ten = [](std::uint16_t port) { return port == 10 ? reaction::connects : reaction::refuses; };
  CHECK(s.run(only_ten)->tried == ports{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  for (std::uint16_t port = 1; port <= 9; ++port) CHECK(s.health_of(port).state == health_state::down);
  for (int i = 0; i < 100; ++i) CHECK(s.run(only_ten)->tried == ports{10});
}

TEST_CASE("connector's memory: one that swallows is passed by once it was overtaken twice", "[connect][fault-B3]") {
  known_service s(ordered());
  s.list(1, 0, 2);
  s.list(2, 0, 1);
  const auto swallowing = [](std::uint16_t port) { return port == 2 ? reaction::connects : reaction::swallows; };
  for (int i = 0; i < 2; ++i) {
    const auto began = s.now;
    CHECK(s.run(swallowing)->winner() == 2);
    CHECK(s.now - began == 250ms);
    s.now += 1ms;
  }
  const auto began = s.now;
  CHECK(s.run(swallowing)->tried == ports{2});
  CHECK(s.now == began);
}

TEST_CASE("connector's memory: one that is silent is tried behind the others of its priority while it is",
          "[connect][fault-B3]") {
  known_service s(ordered());
  s.list(1, 0, 3);
  s.list(2, 0, 2);
  s.list(3, 1);
  auto first = s.connect();
  CHECK(first->tried == ports{1});
  s.now += 249ms;
  CHECK(s.connect()->tried == ports{1});
  s.now += 1ms;
  CHECK(s.connect()->tried == ports{2});
  SECTION("until it answers") {
    s.accept(*first, first->step.start[0]);
    CHECK(s.connect()->tried == ports{1});
  }
  SECTION("until the attempt is given up, and proves nothing") {
    first->note(first->r->stop(boost::asio::error::operation_aborted, s.now));
    CHECK(s.connect()->tried == ports{1});
    CHECK(s.health_of(1).state == health_state::up);
  }
  SECTION("until nobody is there any more who could hear it") {
    first.reset();
    CHECK(s.connect()->tried == ports{1});
  }
  SECTION("where all are silent, nothing is different") {
    auto second = s.connect();
    CHECK(second->tried == ports{2});
    s.now += 250ms;
    CHECK(s.connect()->tried == ports{1});
  }
}

TEST_CASE("connector's memory: with all of them down every one is tried again", "[connect][fault-B4][fault-B17]") {
  known_service s(ordered());
  const std::uint16_t count = GENERATE(std::uint16_t{1}, std::uint16_t{3});
  for (std::uint16_t port = 1; port <= count; ++port) s.list(port, port);
  for (int i = 0; i < 5; ++i) {
    const auto c = s.run(all_refuse);
    CHECK(c->tried.size() == count);
    CHECK(c->r->status() == errc::unreachable);
  }
  CHECK(s.run([](std::uint16_t) { return reaction::connects; })->winner() == 1);
}

TEST_CASE("connector's memory: the tier of another priority serves while this one is down",
          "[connect][rfc-check-36][fault-S6]") {
  known_service s(ordered());
  s.list(1, 0);
  s.list(2, 5);
  const auto one_refuses = [](std::uint16_t port) { return port == 1 ? reaction::refuses : reaction::connects; };
  CHECK(s.run(one_refuses)->tried == ports{1, 2});
  CHECK(s.run(one_refuses)->tried == ports{2});
}

TEST_CASE("connector's memory: an endpoint on trial is one connect's; others pass it by", "[connect][rule-8]") {
  known_service s(ordered());
  s.list(1, 0, 2);
  s.list(2, 0, 1);
  (void)s.run([](std::uint16_t port) { return port == 1 ? reaction::refuses : reaction::connects; });
  s.now += 2s;
  REQUIRE(s.health_of(1).state == health_state::trial);

  auto first = s.connect();
  auto second = s.connect();
  CHECK(first->tried == ports{1});
  CHECK(second->tried == ports{2});
  SECTION("fails: down again; behind the others it may be tried all the same") {
    s.now += 1ms;
    s.refuse(*first, 0);
    CHECK(s.health_of(1).state == health_state::down);
    s.now += 1ms;
    s.refuse(*second, second->step.start[0]);
    CHECK(second->tried == ports{2, 1});
  }
  SECTION("succeeds: it warms up") {
    s.now += 1ms;
    s.accept(*first, 0);
    CHECK(first->step.done);
    CHECK(s.health_of(1).state == health_state::warming);
    CHECK(first->r->take_use().has_value());
  }
  SECTION("gives up: another one may try") {
    (void)first->r->stop(boost::asio::error::operation_aborted, s.now += 1ms);
    first.reset();
    CHECK(s.connect()->tried == ports{1});
  }
}

TEST_CASE("connector's memory: no more in flight than the limit, until a use ends", "[connect][rule-8]") {
  connector_options options = ordered();
  options.balancing.max_in_flight = 1;
  known_service s(options);
  s.list(1, 0, 2);
  s.list(2, 0, 1);
  const auto connects = [](std::uint16_t) { return reaction::connects; };
  auto one = s.run(connects);
  std::optional<endpoint_use> first = one->r->take_use();
  auto two = s.run(connects);
  CHECK(one->winner() == 1);
  CHECK(two->winner() == 2);
  const auto three = s.run(connects);
  CHECK(three->tried.empty());
  CHECK(three->r->restraint().at_limit == 2);
  first.reset();
  CHECK(s.run(connects)->winner() == 1);
}

TEST_CASE("connector's memory: the address that failed goes behind the endpoint's others", "[connect][fault-B8]") {
  known_service s(ordered());
  s.list(1);
  s.listed[0].addresses.push_back(ip_address::v4({192, 0, 2, 2}));
  auto c = s.connect();
  s.now += 1ms;
  s.refuse(*c, 0);
  s.now += 1ms;
  s.accept(*c, 1);
  CHECK(s.health_of(1).state == health_state::up);  // the endpoint answered
  c = s.connect();
  CHECK(c->r->candidate(0).address == ip_address::v4({192, 0, 2, 2}));
  CHECK(c->r->candidate(1).address == ip_address::v4({192, 0, 2, 1}));
  SECTION("until it is listed no more") {
    const std::vector<endpoint> before = s.listed;
    s.listed[0].addresses = {ip_address::v4({192, 0, 2, 2})};
    (void)s.serve();
    s.listed = before;
    CHECK(s.connect()->r->candidate(0).address == ip_address::v4({192, 0, 2, 1}));
  }
  SECTION("or for a minute") {
    s.now += 60s;
    CHECK(s.connect()->r->candidate(0).address == ip_address::v4({192, 0, 2, 1}));
  }
}

TEST_CASE("connector's memory: a host at another address starts anew, another weight or tier does not",
          "[connect][fault-B8][fault-S24]") {
  known_service s(ordered());
  s.list(1, 0, 2);
  s.list(2, 0, 1);
  (void)s.run([](std::uint16_t port) { return port == 1 ? reaction::refuses : reaction::connects; });
  REQUIRE(s.health_of(1).state == health_state::down);
  SECTION("weight and priority") {
    s.listed[0].weight = 9;
    s.listed[1].priority = 3;
    CHECK(s.health_of(1).state == health_state::down);
    CHECK(s.health_of(2).state == health_state::up);
  }
  SECTION("all addresses are others") {
    s.listed[0].addresses = {ip_address::v4({192, 0, 2, 9})};
    CHECK(s.health_of(1).state == health_state::up);
    CHECK(s.run([](std::uint16_t) { return reaction::connects; })->tried == ports{1});
  }
  SECTION("another port is another endpoint") {
    s.listed[0].port = 3;
    CHECK(s.health_of(3).state == health_state::up);
  }
}

TEST_CASE("connector's memory: in panic a connect tries all of the tier as if nothing were known",
          "[connect][fault-B4]") {
  connector_options options = ordered();
  options.balancing.panic_threshold = 0.5;
  known_service s(options);
  for (std::uint16_t port = 1; port <= 4; ++port) s.list(port, 0, 10U - port);
  (void)s.run([](std::uint16_t port) { return port == 4 ? reaction::connects : reaction::refuses; });
  REQUIRE(s.health_of(3).state == health_state::down);
  CHECK(s.run([](std::uint16_t) { return reaction::connects; })->tried == ports{1});
}

TEST_CASE("connector's memory: a hedge that may not be used waits behind what was not tried yet",
          "[connect][rule-6][rule-8]") {
  connector_options options = ordered();
  options.connecting.hedge_delay = 40ms;
  known_service s(options);
  for (std::uint16_t port = 1; port <= 4; ++port) s.list(port, 0, 10U - port);
  auto c = s.connect();
  const auto set = s.serve()->balance.endpoints();
  s.serve()->balance.report(*(*set)[1].record, outcome_kind::refused, 0us, s.now, s.now);
  s.wait(*c);
  CHECK(c->tried == ports{1, 3});
  s.wait(*c);
  CHECK(c->tried == ports{1, 3, 4});
  s.wait(*c);
  CHECK(c->tried == ports{1, 3, 4, 2});
}

TEST_CASE("connector's memory: what has left DNS is not at a limit", "[connect][rule-8]") {
  known_service s(ordered());
  s.list(1, 0, 2);
  s.list(2, 0, 1);
  auto c = s.connect();
  s.listed.pop_back();
  (void)s.serve();
  s.now += 1ms;
  s.refuse(*c, 0);
  CHECK(c->step.done);
  CHECK(c->r->restraint().at_limit == 0);
}

TEST_CASE("connector's memory: in a total outage attempts stay within the retry budget, and recovery is seen at once",
          "[connect][fault-B10]") {
  known_service s;
  for (std::uint16_t port = 1; port <= 10; ++port) s.list(port);
  constexpr int per_s = 1000, seconds = 30;
  double attempts = 0;
  for (int i = 0; i < per_s * seconds; ++i) {
    const auto c = s.run(all_refuse);
    REQUIRE(c->r->status() == errc::unreachable);
    attempts += double(c->tried.size());
    s.now += 1ms;
  }
  CHECK(attempts <= 1.2 * per_s * seconds + 10 * seconds + 100);
  CHECK(attempts >= 1.1 * per_s * seconds);  // connects also use the budget
  CHECK(s.run([](std::uint16_t) { return reaction::connects; })->winner());
}

TEST_CASE("connector's memory: ten endpoints restart one after the other, and no connect fails",
          "[connect][fault-B15]") {
  known_service s;
  for (std::uint16_t port = 1; port <= 10; ++port) s.list(port);
  const auto began = s.now;
  std::size_t failed = 0, repeated = 0;
  while (s.now - began < 40s) {
    // Each endpoint is down for 2 s, and the next one follows 2 s after its return.
    const auto phase = (s.now - began) % 40s;
    const auto away = static_cast<std::uint16_t>(phase / 4s + 1);
    const bool is_away = phase % 4s < 2s;
    const auto c =
        s.run([&](std::uint16_t port) { return is_away && port == away ? reaction::refuses : reaction::connects; });
    failed += c->r->status() ? 1 : 0;
    repeated += c->tried.size() - 1;
    s.now += 5ms;
  }
  CHECK(failed == 0);
  CHECK(repeated <= 40);  // of 8000: once when it goes down, once for each trial while it is down
}

TEST_CASE("connector's memory: one that flaps is ejected for longer each time, and comes back", "[connect][fault-B5]") {
  known_service s;
  s.list(1);
  s.list(2);
  const auto began = s.now;
  std::size_t refusals = 0;
  const auto flapping = [&](std::uint16_t port) {
    const bool is_up = (s.now - began) / 1s % 2 == 0;
    if (port == 2 || is_up) return reaction::connects;
    ++refusals;
    return reaction::refuses;
  };
  while (s.now - began < 60s) {
    CHECK_FALSE(s.run(flapping)->r->status());
    s.now += 10ms;
  }
  CHECK(s.health_of(1).reason == health_reason::attempts_failed);
  CHECK(refusals >= 3);
  CHECK(refusals <= 6);  // of 3000 connects meant for it
  while (s.health_of(1).state != health_state::up && s.now - began < 300s) {
    CHECK(s.run([](std::uint16_t) { return reaction::connects; })->winner());
    s.now += 10ms;
  }
  CHECK(s.health_of(1).state == health_state::up);
}

TEST_CASE("connector's memory: attempts wait for their turn in the order they asked", "[connect]") {
  connector_options options = ordered();
  options.rate = {.attempts_per_s = 10, .burst = 2};
  known_service s(options);
  s.list(1);
  const auto began = s.now;
  CHECK(s.connect()->tried.size() == 1);
  CHECK(s.connect()->tried.size() == 1);
  const auto third = s.connect(), fourth = s.connect();
  CHECK(third->tried.empty());
  CHECK(third->step.wake == began + 100ms);
  CHECK(fourth->step.wake == began + 200ms);
  const auto fifth = s.connect(250ms);
  CHECK(fifth->step.done);
  CHECK(fifth->r->restraint().rate);
  CHECK(s.connect(350ms)->step.wake == began + 300ms);  // the fifth connect did not use up the next start
  s.now += 1s;
  CHECK(s.connect()->tried.size() == 1);
}

TEST_CASE("connector's memory: connects and their times are counted where they went", "[connect]") {
  known_service s(ordered());
  s.list(1, 0, 2);
  s.list(2, 0, 1);
  auto c = s.connect();
  s.now += 1ms;
  s.refuse(*c, 0);
  s.now += 3ms;
  s.accept(*c, 1);
  const auto statuses = s.serve()->balance.status();
  REQUIRE(statuses.size() == 2);
  CHECK(statuses[0].stats.outcomes[std::size_t(outcome_kind::refused)] == 1);
  CHECK(statuses[0].stats.in_flight == 0);
  CHECK(statuses[1].stats.outcomes[std::size_t(outcome_kind::connected)] == 1);
  CHECK(statuses[1].stats.latency[12] == 1);  // 3000 us lie between 2^11 and 2^12
  CHECK(statuses[1].stats.in_flight == 1);
}
