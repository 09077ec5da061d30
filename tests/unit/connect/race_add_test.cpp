// Rule 10 of race.hpp: candidates that join a race, while it runs and after all have failed.
#include "unit/connect/paper_race.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

ip_address v4(unsigned last) { return ip_address::v4({192, 0, 2, static_cast<std::uint8_t>(last)}); }
ip_address v6(unsigned last) { return ip_address::from_text("2001:db8::" + std::to_string(last)).value(); }

attempt_target of(std::size_t endpoint, const ip_address& address, std::uint16_t priority = 0) {
  return {endpoint, address, 80, priority, false};
}
attempt_target down(std::size_t endpoint, const ip_address& address, std::uint16_t priority = 0) {
  return {endpoint, address, 80, priority, false, true};
}

/// Returns "ENDPOINT ADDRESS" of the attempts from a step on, if every address refuses.
lines order_of(paper_race& p, race::step step) {
  lines out;
  while (!step.done) {
    if (step.start.empty()) {
      step = p.r.on_timer(p.now = std::max(p.now, step.wake));
      continue;
    }
    const attempt_target& c = p.r.candidate(step.start[0]);
    out.push_back(std::to_string(c.endpoint) + ' ' + c.address.to_text());
    step = p.r.on_failed(step.start[0], refused, p.now);
  }
  return out;
}

}  // namespace

TEST_CASE("race growth: addresses of an endpoint under way are tried next, beside it", "[connect][rule-10][rfc8305]") {
  paper_race p({of(0, v4(1)), of(1, v4(2))});
  auto step = p.r.start(p.now);
  REQUIRE(step.start == indexes{0});
  step = p.r.add(std::vector{of(0, v6(1)), of(0, v4(1)), of(1, v6(2)), of(1, v4(2))}, p.now += 50ms);
  CHECK(step.start.empty());  // the head start of the first candidate is not over
  CHECK(step.abandon.empty());
  CHECK(step.wake == p.began + 250ms);
  step = p.r.on_timer(p.now = step.wake);
  REQUIRE(step.start.size() == 1);
  CHECK(p.r.candidate(step.start[0]).address == v6(1));
  CHECK(p.r.candidate(step.start[0]).endpoint == 0);
  (void)p.r.on_failed(0, refused, p.now += 1ms);  // starts the next
  CHECK(p.context.told.empty());                  // the endpoint gets no result before its other address has ended
  step = p.r.on_connected(2, p.now += 1ms);
  CHECK(step.done);
  CHECK(p.context.told.front() == "0 connected");
}

TEST_CASE("race growth: what joins after the head start begins at once", "[connect][rule-10]") {
  paper_race p({of(0, v4(1))});
  (void)p.r.start(p.now);
  const auto step = p.r.add(std::vector{of(0, v6(1)), of(0, v4(1))}, p.now += 300ms);
  REQUIRE(step.start.size() == 1);
  CHECK(p.r.candidate(step.start[0]).address == v6(1));
  CHECK(step.abandon.empty());
}

TEST_CASE("race growth: addresses of an endpoint that waits alternate with its others", "[connect][rule-10][rfc8305]") {
  paper_race p({of(0, v4(1)), of(1, v4(2)), of(1, v4(3)), of(2, v4(4))});
  (void)p.r.start(p.now);
  const std::vector fresh{of(1, v6(2)), of(1, v4(2)), of(1, v6(3)), of(1, v4(3))};
  (void)p.r.add(fresh, p.now);
  CHECK(order_of(p, p.r.on_failed(0, refused, p.now)) ==
        lines{"1 2001:db8::2", "1 192.0.2.2", "1 2001:db8::3", "1 192.0.2.3", "2 192.0.2.4"});
  CHECK(p.context.told == lines{"0 refused", "1 refused", "2 refused"});
}

TEST_CASE("race growth: an address that is not named any more stays, behind those that are", "[connect][rule-10]") {
  paper_race p({of(0, v4(1)), of(1, v4(2)), of(1, v4(3))});
  (void)p.r.start(p.now);
  (void)p.r.add(std::vector{of(1, v4(9)), of(1, v4(3))}, p.now);
  CHECK(order_of(p, p.r.on_failed(0, refused, p.now)) == lines{"1 192.0.2.9", "1 192.0.2.3", "1 192.0.2.2"});
}

TEST_CASE("race growth: a new endpoint stands behind those of its tier, and what is down behind what is not",
          "[connect][rule-10]") {
  paper_race p({of(0, v4(1), 0), of(1, v4(2), 0), of(2, v4(3), 5), down(3, v4(4), 0), down(4, v4(5), 5)});
  auto step = p.r.start(p.now);
  const std::vector fresh{of(5, v4(11), 0),   of(6, v4(12), 3),   of(7, v4(13), 9),
                          down(8, v4(14), 0), down(9, v4(15), 3), down(10, v4(16), 9)};
  CHECK(p.r.add(fresh, p.now).start.empty());
  CHECK(order_of(p, std::move(step)) == lines{"0 192.0.2.1", "1 192.0.2.2", "5 192.0.2.11", "6 192.0.2.12",
                                              "2 192.0.2.3", "7 192.0.2.13", "3 192.0.2.4", "8 192.0.2.14",
                                              "9 192.0.2.15", "4 192.0.2.5", "10 192.0.2.16"});
}

TEST_CASE("race growth: an endpoint of a tier that is over is the next to start, beside what is under way",
          "[connect][rule-10]") {
  paper_race p({of(0, v4(1), 0), of(1, v4(2), 1), of(2, v4(3), 1)});
  (void)p.r.start(p.now);
  auto step = p.r.on_failed(0, refused, p.now);
  REQUIRE(step.start == indexes{1});
  step = p.r.add(std::vector{of(3, v4(4), 0), of(4, v4(5), 0)}, p.now += 1ms);
  CHECK(step.start.empty());
  CHECK(step.wake == p.began + 250ms);
  step = p.r.on_timer(p.now = step.wake);
  REQUIRE(step.start.size() == 1);
  CHECK(p.r.candidate(step.start[0]).endpoint == 3);
  SECTION("then the tier is that one's: the later tier waits until it is over") {
    step = p.r.on_timer(p.now += 250ms);
    REQUIRE(step.start.size() == 1);
    CHECK(p.r.candidate(step.start[0]).endpoint == 4);
    step = p.r.on_timer(p.now += 250ms);
    CHECK(step.start.empty());
    CHECK(step.wake == p.began + 2s);  // the end of the first attempt
  }
  SECTION("an address of the later tier's endpoint under way does not stand in its way") {
    (void)p.r.add(std::vector{of(1, v6(2), 1), of(1, v4(2), 1)}, p.now);
    step = p.r.on_timer(p.now += 250ms);
    REQUIRE(step.start.size() == 1);
    CHECK(p.r.candidate(step.start[0]).endpoint == 4);
  }
  SECTION("one that is known to be down is not tried beside others") {
    paper_race q({of(0, v4(1), 0), of(1, v4(2), 1)});
    (void)q.r.start(q.now);
    (void)q.r.on_failed(0, refused, q.now);
    step = q.r.add(std::vector{down(2, v4(3), 0)}, q.now);
    CHECK(step.wake == q.began + 2s);
    CHECK(q.r.on_failed(1, refused, q.now).start == indexes{2});
  }
}

TEST_CASE("race growth: what is not known to be down is tried beside what is", "[connect][rule-10]") {
  paper_race p({down(0, v4(1), 0), down(1, v4(2), 0)});
  auto step = p.r.start(p.now);
  REQUIRE(step.start == indexes{0});
  (void)p.r.add(std::vector{of(2, v4(3), 5)}, p.now);
  step = p.r.on_timer(p.now += 250ms);
  REQUIRE(step.start.size() == 1);
  CHECK(p.r.candidate(step.start[0]).endpoint == 2);
}

TEST_CASE("race growth: after all have failed it goes on with what is new, and with nothing else",
          "[connect][rule-10]") {
  paper_race p({of(0, v4(1)), of(1, v4(2))});
  CHECK_FALSE(p.r.is_exhausted());
  CHECK(order_of(p, p.r.start(p.now)).size() == 2);
  CHECK(p.r.is_exhausted());
  CHECK(p.r.status() == errc::unreachable);
  SECTION("nothing is new") {
    CHECK(p.r.add(std::vector{of(0, v4(1)), of(1, v4(2))}, p.now += 1s).done);
    CHECK(p.r.add({}, p.now).done);
    CHECK(p.r.is_exhausted());
    CHECK(p.r.attempts().size() == 2);
    CHECK(p.context.told == lines{"0 refused", "1 refused"});
  }
  SECTION("an endpoint moved") {
    auto step = p.r.add(std::vector{of(0, v4(1)), of(1, v4(9))}, p.now += 1s);
    CHECK(step.start == indexes{2});
    CHECK_FALSE(p.r.is_exhausted());
    CHECK(p.context.asked == indexes{0, 1, 1});  // its use had ended
    step = p.r.on_connected(2, p.now += 1ms);
    CHECK(step.done);
    CHECK_FALSE(p.r.status());
    CHECK(p.context.told == lines{"0 refused", "1 refused", "1 connected"});
    CHECK_FALSE(p.r.is_exhausted());
    CHECK(p.r.add(std::vector{of(0, v4(3))}, p.now).done);
    CHECK(p.r.attempts().size() == 3);
  }
  SECTION("an endpoint is new, and fails as well") {
    CHECK(order_of(p, p.r.add(std::vector{of(2, v4(3), 7)}, p.now)) == lines{"2 192.0.2.3"});
    CHECK(p.context.told == lines{"0 refused", "1 refused", "2 refused"});
    CHECK(p.r.is_exhausted());
  }
  SECTION("the deadline is over") {
    CHECK(p.r.add(std::vector{of(2, v4(3))}, p.began + 10s).done);
    CHECK_FALSE(p.r.is_exhausted());
    CHECK(p.r.attempts().size() == 2);
  }
}

TEST_CASE("race growth: the attempts after the first need retries, whenever they join", "[connect][rule-7][rule-10]") {
  paper_race p({of(0, v4(1))});
  p.context.retries = 1;
  (void)p.r.start(p.now);
  REQUIRE(p.r.on_failed(0, refused, p.now).done);
  CHECK(p.r.is_exhausted());
  auto step = p.r.add(std::vector{of(0, v4(2)), of(0, v4(3))}, p.now);
  CHECK(step.start == indexes{1});
  step = p.r.on_failed(1, refused, p.now);
  CHECK(step.done);
  CHECK_FALSE(p.r.is_exhausted());
  CHECK(p.r.restraint().retry_budget);
  p.context.retries = 5;
  CHECK(p.r.add(std::vector{of(0, v4(4))}, p.now).done);  // the retry budget ended it
  CHECK(p.r.attempts().size() == 2);
}

TEST_CASE("race growth: what ended it says whether asking anew makes sense", "[connect][rule-10]") {
  SECTION("no turn before the deadline") {
    paper_race p({of(0, v4(1)), of(1, v4(2))});
    p.context.pace = 11s;
    (void)p.r.start(p.now);
    CHECK(p.r.on_failed(0, refused, p.now).done);
    CHECK_FALSE(p.r.is_exhausted());
    CHECK(p.r.add(std::vector{of(2, v4(3))}, p.now).done);
  }
  SECTION("all at their limit") {
    paper_race p({of(0, v4(1)), of(1, v4(2))});
    p.context.full = {0, 1};
    CHECK(p.r.start(p.now).done);
    CHECK_FALSE(p.r.is_exhausted());
  }
  SECTION("one at its limit, the other failed") {
    paper_race p({of(0, v4(1)), of(1, v4(2))});
    p.context.full = {0};
    (void)p.r.start(p.now);
    CHECK(p.r.on_failed(1, refused, p.now).done);
    CHECK(p.r.is_exhausted());
    CHECK(p.r.restraint().at_limit == 1);
    p.context.full.clear();
    const auto step = p.r.add(std::vector{of(0, v4(1)), of(1, v4(2))}, p.now);
    CHECK(step.start == indexes{0});  // the race had not tried it yet
    CHECK(p.r.restraint().at_limit == 0);
  }
  SECTION("no descriptors") {
    paper_race p({of(0, v4(1))});
    (void)p.r.start(p.now);
    CHECK(p.r.on_failed(0, boost::asio::error::no_descriptors, p.now).done);
    CHECK_FALSE(p.r.is_exhausted());
  }
  SECTION("stopped") {
    paper_race p({of(0, v4(1))});
    (void)p.r.start(p.now);
    CHECK(p.r.stop(aborted, p.now).done);
    CHECK_FALSE(p.r.is_exhausted());
    CHECK(p.r.add(std::vector{of(1, v4(2))}, p.now).done);
    CHECK(p.r.status() == aborted);
  }
  SECTION("nothing there that could be tried") {
    paper_race p(std::vector<attempt_target>{});
    CHECK(p.r.start(p.now).done);
    CHECK(p.r.is_exhausted());
    CHECK(p.r.add(std::vector{of(0, v4(1))}, p.now).start == indexes{0});
  }
  SECTION("only addresses that no stream can lead to") {
    auto never = of(0, ip_address::v4({224, 0, 0, 1}));
    never.refused = true;
    paper_race p({never});
    CHECK(p.r.start(p.now).done);
    CHECK(p.r.status() == errc::refused_address);
    CHECK(p.r.is_exhausted());
    CHECK(p.r.add(std::vector{never, of(0, v4(1))}, p.now).start == indexes{1});
    CHECK(p.r.on_failed(1, refused, p.now).done);
    CHECK(p.r.status() == errc::unreachable);
    CHECK(p.r.attempts().size() == 2);
  }
}

TEST_CASE("race growth: an endpoint that was put back stays behind what joins", "[connect][rule-8][rule-10]") {
  paper_race p({of(0, v4(1)), of(1, v4(2)), of(2, v4(3))});
  p.context.on_trial = {0, 1};
  auto step = p.r.start(p.now);
  CHECK(step.start == indexes{2});
  (void)p.r.add(std::vector{of(3, v4(4), 3), of(0, v6(1)), of(0, v4(1))}, p.now);
  CHECK(order_of(p, std::move(step)) ==
        lines{"2 192.0.2.3", "3 192.0.2.4", "0 2001:db8::1", "0 192.0.2.1", "1 192.0.2.2"});
}

TEST_CASE("race growth: the other family of ten thousand endpoints joins in one go", "[connect][rule-10]") {
  constexpr std::size_t count = 10'000;
  std::vector<attempt_target> known, both;
  for (std::size_t i = 0; i < count; ++i) {
    const auto low = static_cast<std::uint8_t>(i), high = static_cast<std::uint8_t>(i >> 8);
    known.push_back(of(i, ip_address::v4({10, 0, high, low})));
    both.push_back(
        of(i, ip_address::from_text("2001:db8::" + std::to_string(i / 9999) + ':' + std::to_string(i % 9999)).value()));
    both.push_back(known.back());
  }
  paper_race p(known);
  auto step = p.r.start(p.now);
  (void)p.r.add(both, p.now);
  CHECK(order_of(p, std::move(step)).size() == 2 * count);
  CHECK(p.context.told.size() == count);
}

TEST_CASE("race growth: joining at any step of any course, every address is tried once, and every use told once",
          "[connect][replay][rule-10]") {
  // Each bit selects how the attempts at an endpoint end: refused at once, or silent until their
  // timeout.
  const unsigned silent = GENERATE(range(0U, 32U));
  const int join_after = GENERATE(range(0, 9));
  const int retries = GENERATE(3, 100);
  INFO(silent << ' ' << join_after << ' ' << retries);
  paper_race p({of(0, v4(1)), of(0, v4(2)), of(1, v4(3)), of(2, v4(4), 1)}, {250ms, 2s, {}, 30ms});
  p.context.retries = retries;
  p.context.on_trial = {1};
  const std::vector fresh{of(0, v6(1)),    of(0, v4(1)),      of(0, v4(2)),    of(1, v6(3)),
                          of(3, v4(5), 0), down(4, v4(6), 0), of(2, v4(4), 1), of(2, v6(4), 1)};
  std::map<std::string, int> tried;
  const auto note = [&](const race::step& step) {
    for (const std::size_t c : step.start) ++tried[p.r.candidate(c).address.to_text()];
  };
  race::step step = p.r.start(p.now);
  note(step);
  std::vector<std::size_t> open = step.start;
  bool has_joined = false;
  for (int i = 0; i < 200; ++i) {
    if (!has_joined && (i == join_after || (step.done && p.r.is_exhausted()))) {
      has_joined = true;
      step = p.r.add(fresh, p.now);
      CHECK(step.abandon.empty());
    } else if (step.done) {
      break;
    } else if (const auto at = std::ranges::find_if(
                   open, [&](std::size_t c) { return !(silent >> p.r.candidate(c).endpoint & 1); });
               at != open.end()) {
      const std::size_t refusing = *at;
      open.erase(at);
      step = p.r.on_failed(refusing, refused, p.now += 1ms);
    } else {
      REQUIRE(step.wake > p.now);
      step = p.r.on_timer(p.now = step.wake);
    }
    note(step);
    for (const std::size_t c : step.abandon) std::erase(open, c);
    open.insert(open.end(), step.start.begin(), step.start.end());
  }
  REQUIRE(step.done);
  CHECK(open.empty());
  for (const auto& [address, count] : tried) CHECK(count == 1);
  const bool is_held_back = p.r.restraint().retry_budget;
  if (!is_held_back && has_joined) CHECK(tried.size() == 9);
  for (const race::attempt& a : p.r.attempts()) CHECK_FALSE(a.open);
  CHECK(p.context.told.size() == p.context.granted);
}
