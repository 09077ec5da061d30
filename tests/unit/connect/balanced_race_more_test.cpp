// DNS changes while a connect is in progress, or after all known endpoints have failed.
#include "support/heap_meter.hpp"
#include "unit/connect/known_service.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
using reaction = known_service::reaction;
using ports = std::vector<std::uint16_t>;
using lines = std::vector<std::string>;

namespace {

const auto all_refuse = [](std::uint16_t) { return reaction::refuses; };

connector_options ordered() { return {.balancing = {.policy = selection_policy::ordered}}; }

ip_address v4(unsigned last) { return ip_address::v4({192, 0, 2, static_cast<std::uint8_t>(last)}); }
const ip_address v6 = address_of("2001:db8::1");

std::uint64_t in_flight(known_service& s) {
  std::uint64_t sum = 0;
  for (const endpoint_status& e : s.service->balance.status()) sum += e.stats.in_flight;
  return sum;
}

}  // namespace

TEST_CASE("connect: the other family that comes late joins the race under way, and is tried beside it",
          "[connect][rule-10][rfc8305]") {
  known_service s(ordered());
  s.list(1);
  auto c = s.connect();
  s.listed[0].addresses.push_back(v6);
  s.now += 50ms;
  s.tell(*c);
  CHECK(c->at == lines{"192.0.2.1 1"});
  s.wait(*c);
  CHECK(c->at == lines{"192.0.2.1 1", "2001:db8::1 1"});
  CHECK(c->step.abandon.empty());
  s.accept(*c, c->step.start[0]);
  CHECK(c->step.done);
  CHECK(c->step.abandon == std::vector<std::size_t>{0});
  const connect_conclusion end = c->r->conclude();
  CHECK(end.address == v6);
  CHECK(end.where.addresses == s.listed[0].addresses);  // as DNS says now
  CHECK(end.held.has_value());
  CHECK(end.attempts.size() == 2);
  CHECK(in_flight(s) == 1);
  CHECK(s.health_of(1).state == health_state::up);
}

TEST_CASE("connect: after all have failed the same connect tries where the backend moved", "[connect]") {
  known_service s(ordered());
  s.list(1, 0, 2);
  s.list(2, 0, 1);
  auto c = s.run(all_refuse);
  REQUIRE(c->r->is_exhausted());
  CHECK(in_flight(s) == 0);
  s.listed[1].addresses = {v4(9)};
  s.now += 20ms;
  s.tell(*c);
  CHECK_FALSE(c->step.done);
  CHECK(c->at == lines{"192.0.2.1 1", "192.0.2.1 2", "192.0.2.9 2"});
  s.now += 1ms;
  s.accept(*c, c->step.start[0]);
  CHECK(c->winner() == 2);
  CHECK_FALSE(c->r->status());
  CHECK(c->r->endpoint_of(*c->r->winner()).addresses == std::vector{v4(9)});
  CHECK(s.health_of(1).state == health_state::down);
  CHECK(s.health_of(2).state == health_state::up);
  const std::optional<endpoint_use> held = c->r->take_use();
  REQUIRE(held.has_value());
  CHECK(held->where().addresses == std::vector{v4(9)});
  CHECK_FALSE(c->r->take_use().has_value());
  CHECK(s.connect()->tried == ports{2});
}

TEST_CASE("connect: news that are none change nothing", "[connect]") {
  known_service s(ordered());
  s.list(1, 0, 2);
  s.list(2, 1);
  auto c = s.run(all_refuse);
  SECTION("the same again") {}
  SECTION("other weights and priorities: what was tried was tried") {
    s.listed[0].priority = 7;
    s.listed[1].weight = 9;
  }
  SECTION("an endpoint has left") { s.listed.pop_back(); }
  SECTION("all have") { s.listed.clear(); }
  SECTION("one has left and come back") {
    const std::vector<endpoint> before = s.listed;
    s.listed.clear();
    s.tell(*c);
    s.listed = before;
  }
  SECTION("one is listed in a second tier, too") { s.list(1, 4); }
  s.now += 1s;
  s.tell(*c);
  CHECK(c->step.done);
  CHECK(c->r->is_exhausted());
  CHECK(c->r->status() == errc::unreachable);
  CHECK(c->tried == ports{1, 2});
}

TEST_CASE("connect: where a budget or a limit ended it, news are too late", "[connect][rule-7][rule-8]") {
  connector_options options = ordered();
  if (GENERATE(false, true)) {
    options.retries = retry_budget_options{.share = 0, .floor_per_s = 0, .burst = 0};
  } else {
    options.rate = {.attempts_per_s = 0.01, .burst = 1};
  }
  known_service s(options);
  s.list(1, 0, 2);
  s.list(2, 0, 1);
  auto c = s.run(all_refuse);
  CHECK(c->tried == ports{1});
  CHECK_FALSE(c->r->is_exhausted());
  s.list(3);
  s.tell(*c);
  CHECK(c->step.done);
  CHECK(c->tried == ports{1});
  CHECK(c->r->status() == errc::unreachable);
}

TEST_CASE("connect: with all endpoints at their limit there is nothing to ask DNS", "[connect][rule-8]") {
  connector_options options = ordered();
  options.balancing.max_in_flight = 1;
  known_service s(options);
  s.list(1);
  const auto first = s.connect();
  const auto second = s.connect();
  CHECK(second->step.done);
  CHECK(second->r->restraint().at_limit == 1);
  CHECK_FALSE(second->r->is_exhausted());
}

TEST_CASE("connect: an endpoint that has left waits for its turn, and is left out then", "[connect][rule-8][rule-10]") {
  known_service s(ordered());
  s.list(1, 0, 3);
  s.list(2, 0, 2);
  auto c = s.connect();
  s.listed.pop_back();
  s.list(3, 0, 1);
  s.tell(*c);
  s.finish(*c, all_refuse);
  CHECK(c->tried == ports{1, 3});
  CHECK(c->r->restraint().at_limit == 0);
  CHECK(c->r->restraint().untried == 1);
  CHECK(c->r->is_exhausted());
  SECTION("back again it is tried") {
    s.list(2, 0, 2);
    s.tell(*c);
    CHECK(c->tried == ports{1, 3, 2});
    CHECK(c->r->restraint().untried == 0);
  }
}

TEST_CASE("connect: an endpoint that has left and is back before its turn is tried", "[connect][rule-8][rule-10]") {
  known_service s(ordered());
  s.list(1, 0, 3);
  s.list(2, 0, 2);
  auto c = s.connect();
  const endpoint second = s.listed.back();
  s.listed.pop_back();
  (void)s.serve();
  s.listed.push_back(second);
  s.tell(*c);
  s.finish(*c, all_refuse);
  CHECK(c->tried == ports{1, 2});
}

TEST_CASE("connect: an attempt under way belongs to the plan it began with", "[connect][rule-9][rule-10]") {
  known_service s(ordered());
  s.list(1, 0, 2);
  s.list(2, 0, 1);
  auto c = s.connect();
  s.listed.erase(s.listed.begin());  // DNS removes it while a connect tries it
  s.tell(*c);
  s.tell(*c);
  CHECK(in_flight(s) == 1);
  s.now += 300ms;
  s.refuse(*c, 0);
  CHECK(in_flight(s) == 1);  // of the other endpoint
  CHECK(c->tried == ports{1, 2});
  s.refuse(*c, 1);
  CHECK(c->step.done);
  CHECK(in_flight(s) == 0);
  CHECK(s.health_of(2).state == health_state::down);
}

TEST_CASE("connect: new endpoints take their place by tier, and a better tier is tried before a later one",
          "[connect][rule-10][rfc2782]") {
  known_service s(ordered());
  s.list(1, 1, 2);
  s.list(2, 1, 1);
  s.list(3, 5);
  auto c = s.connect();
  s.list(4, 0);
  s.list(5, 1);
  s.list(6, 3);
  s.list(7, 9);
  s.tell(*c);
  s.finish(*c, all_refuse);
  CHECK(c->tried == ports{1, 4, 2, 5, 6, 3, 7});
}

TEST_CASE("connect: what others found down meanwhile is the last resort also among news", "[connect][rule-10]") {
  known_service s(ordered());
  s.list(1, 0, 9);
  auto c = s.connect();
  s.list(2, 0, 8);
  s.list(3, 5);
  const auto set = s.serve()->balance.endpoints();
  s.service->balance.report(*(*set)[1].record, outcome_kind::refused, 0us, s.now, s.now);
  s.tell(*c);
  s.finish(*c, all_refuse);
  CHECK(c->tried == ports{1, 3, 2});
}

TEST_CASE("connect: an address of news that failed lately is tried behind the endpoint's others",
          "[connect][fault-B8]") {
  known_service s(ordered());
  s.list(1);
  s.listed[0].addresses = {v4(1), v4(2)};
  auto other = s.connect();
  s.refuse(*other, 0);
  s.accept(*other, 1);

  s.listed[0].addresses = {v4(2)};
  auto c = s.connect();
  s.service->addresses.note(s.listed[0], v4(1), outcome_kind::refused, s.now);
  s.listed[0].addresses = {v4(2), v4(1), v4(3)};
  s.tell(*c);
  s.finish(*c, all_refuse);
  CHECK(c->at == lines{"192.0.2.2 1", "192.0.2.3 1", "192.0.2.1 1"});
}

TEST_CASE("connect: a family that is not wanted does not join", "[connect][rule-10]") {
  connector_options options = ordered();
  options.connecting.use_ipv6 = false;
  known_service s(options);
  s.list(1);
  auto c = s.connect();
  s.listed[0].addresses.push_back(v6);
  endpoint& other = s.list(2);
  other.addresses = {v6};
  s.tell(*c);
  s.tell(*c);
  s.finish(*c, all_refuse);
  CHECK(c->at == lines{"192.0.2.1 1"});
}

TEST_CASE("connect: news at any step, and then any course: each address once, every place given back",
          "[connect][replay][rule-10]") {
  // Each bit selects how attempts at a port end: refused at once, or silent until their timeout.
  const unsigned silent = GENERATE(range(0U, 32U));
  const int news_after = GENERATE(range(0, 7));
  const bool is_given_up = GENERATE(false, true);
  INFO(silent << ' ' << news_after << ' ' << is_given_up);
  connector_options options = ordered();
  options.connecting.hedge_delay = 40ms;
  known_service s(options);
  s.list(1, 0, 9);
  s.list(2, 0, 8);
  s.list(3, 2);
  auto c = s.connect();
  std::vector<std::size_t> open = c->step.start;
  for (int i = 0; !c->step.done || i <= news_after; ++i) {
    REQUIRE(i < 100);
    if (i == news_after) {
      s.listed[0].addresses.push_back(v6);
      s.listed[1].addresses = {v4(8)};
      s.listed.pop_back();
      s.list(4, 0);
      s.list(5, 7);
      s.tell(*c);
    } else if (c->step.done) {
      continue;
    } else if (const auto at = std::ranges::find_if(
                   open, [&](std::size_t one) { return !(silent >> (c->r->candidate(one).port - 1) & 1); });
               at != open.end()) {
      const std::size_t refusing = *at;
      open.erase(at);
      s.now += 1ms;
      s.refuse(*c, refusing);
    } else {
      s.wait(*c);
    }
    for (const std::size_t one : c->step.abandon) std::erase(open, one);
    open.insert(open.end(), c->step.start.begin(), c->step.start.end());
    if (is_given_up && i == news_after + 1 && !c->step.done) {
      c->note(c->r->stop(boost::asio::error::operation_aborted, s.now));
    }
  }
  CHECK(std::set(c->at.begin(), c->at.end()).size() == c->at.size());
  CHECK(c->r->attempts().size() == c->at.size());
  CHECK(in_flight(s) == 0);
  for (const std::uint16_t port : ports{1, 2, 4, 5}) {
    if (!is_given_up) CHECK(std::ranges::find(c->tried, port) != c->tried.end());
  }
  const auto set = s.serve()->balance.endpoints();
  s.now += 10s;
  for (const balanced_endpoint& e : *set) CHECK_FALSE(s.service->silent.is_silent(*e.record, s.now));
}

TEST_CASE("connect: of a service that changes many times a connect keeps the latest endpoints", "[connect][fault-O7]") {
  known_service s(ordered());
  for (std::uint16_t port = 1; port <= 2000; ++port) s.list(port);
  auto c = s.connect();
  const heap_meter meter;
  for (std::uint32_t weight = 2; weight <= 50; ++weight) {
    for (endpoint& e : s.listed) e.weight = weight;
    s.tell(*c);
  }
  const std::size_t peak = meter.peak();
  CAPTURE(peak);
  if (heap_meter::is_counting()) CHECK(peak <= std::size_t{8} << 20);
  s.accept(*c, 0);
  const connect_conclusion end = c->r->conclude();
  CHECK(end.where.weight == 50);
  CHECK(end.held.has_value());
}
