// The context of a race: budgets, turns, trials, limits, and reports to health.
#include "unit/connect/paper_race.hpp"

#include <catch2/catch.hpp>

#include <functional>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

TEST_CASE("race: the first attempt needs no retry, every further one takes one", "[connect][rule-7][fault-B10]") {
  paper_race p({0, 0, 1});
  p.context.retries = 2;
  (void)p.r.start(p.now);
  CHECK(p.context.retries == 2);
  (void)p.r.on_timer(p.now += 250ms);
  CHECK(p.context.retries == 1);
  (void)p.r.on_failed(1, refused, p.now);
  (void)p.r.on_failed(0, refused, p.now);
  CHECK(p.context.retries == 0);
  CHECK(p.r.on_connected(2, p.now).done);
  CHECK_FALSE(p.r.status());
}

TEST_CASE("race: without a retry left it ends with what is under way", "[connect][rule-7][fault-B4][fault-B10]") {
  paper_race p({0, 0, 0, 1});
  p.context.retries = 1;
  (void)p.r.start(p.now);
  auto step = p.r.on_timer(p.now += 250ms);
  CHECK(step.start == indexes{1});
  step = p.r.on_timer(p.now += 250ms);
  CHECK(step.start.empty());
  CHECK_FALSE(step.done);
  CHECK(step.wake == p.began + 2s);  // the timeout of the first attempt: no more starts to wake for
  p.context.retries = 10;            // too late for this race
  step = p.r.on_failed(0, refused, p.now += 1ms);
  CHECK_FALSE(step.done);
  SECTION("which may fail") {
    step = p.r.on_failed(1, refused, p.now += 1ms);
    CHECK(step.done);
    CHECK(p.r.status() == errc::unreachable);
    CHECK(p.r.restraint().retry_budget);
    CHECK(p.r.restraint().untried == 2);
  }
  SECTION("or win") {
    CHECK(p.r.on_connected(1, p.now += 1ms).done);
    CHECK_FALSE(p.r.status());
  }
}

TEST_CASE("race: an empty budget lets a single endpoint be tried, however ill", "[connect][rule-7][fault-B17]") {
  paper_race p(std::vector<std::uint16_t>{0});
  p.context.retries = 0;
  p.context.on_trial = {0};
  auto step = p.r.start(p.now);
  CHECK(step.start == indexes{0});
  CHECK(p.r.on_connected(0, p.now).done);
  CHECK(p.r.restraint().untried == 0);
  CHECK_FALSE(p.r.restraint().retry_budget);
}

TEST_CASE("race: attempts wait for their turn, the first one too", "[connect][rule-1]") {
  paper_race p({0, 0, 0});
  p.context.pace = 400ms;
  p.context.last_turn = p.now;
  auto step = p.r.start(p.now);
  CHECK(step.start.empty());
  CHECK_FALSE(step.done);
  CHECK(step.wake == p.began + 400ms);
  step = p.r.on_timer(p.now += 100ms);  // an early wake-up takes no second turn
  CHECK(p.context.turns == 1);
  step = p.r.on_timer(p.now = p.began + 400ms);
  CHECK(step.start == indexes{0});
  CHECK(step.wake == p.began + 650ms);
  step = p.r.on_timer(p.now = step.wake);  // its head start is over, but the next one has to wait for its turn
  CHECK(step.start.empty());
  CHECK(step.wake == p.began + 800ms);
  step = p.r.on_failed(0, refused, p.now = p.began + 700ms);
  CHECK(step.start.empty());
  CHECK_FALSE(step.done);
  CHECK(step.wake == p.began + 800ms);
  step = p.r.on_timer(p.now = step.wake);
  CHECK(step.start == indexes{1});
  CHECK(p.context.turns == 2);
}

TEST_CASE("race: a turn after the deadline is not waited for", "[connect][rule-1]") {
  paper_race p({0, 0});
  p.context.pace = 11s;
  SECTION("nothing is under way") {
    p.context.last_turn = p.now;
    CHECK(p.r.start(p.now).done);
    CHECK(p.r.status() == errc::unreachable);
    CHECK(p.r.restraint().rate);
    CHECK(p.r.restraint().untried == 2);
  }
  SECTION("an attempt is under way") {
    (void)p.r.start(p.now);
    auto step = p.r.on_timer(p.now += 250ms);
    CHECK(step.wake == p.began + 2s);
    step = p.r.on_timer(p.now = step.wake);
    CHECK(step.done);
    CHECK(p.r.restraint().rate);
    CHECK(p.r.restraint().untried == 1);
  }
}

TEST_CASE("race: an endpoint on trial by another is skipped, and tried behind all others",
          "[connect][rule-8][fault-B4]") {
  auto candidates = paper_race::with_addresses({2, 1, 1});
  candidates[3].priority = 4;
  paper_race p(candidates);
  p.context.on_trial = {0};
  auto step = p.r.start(p.now);
  CHECK(step.start == indexes{2});
  step = p.r.on_failed(2, refused, p.now += 1ms);
  CHECK(step.start == indexes{3});
  step = p.r.on_failed(3, refused, p.now += 1ms);
  CHECK(step.start == indexes{0});
  step = p.r.on_failed(0, refused, p.now += 1ms);
  CHECK(step.start == indexes{1});
  CHECK(p.context.asked == indexes{0, 1, 2, 0});
  step = p.r.on_failed(1, refused, p.now += 1ms);
  CHECK(step.done);
  CHECK(p.context.told == lines{"1 refused", "2 refused", "0 refused"});
}

TEST_CASE("race: an endpoint at its limit is left out, and said to be", "[connect][rule-8]") {
  paper_race p(paper_race::with_addresses({2, 1, 1}));
  p.context.full = {0, 2};
  auto step = p.r.start(p.now);
  CHECK(step.start == indexes{2});
  step = p.r.on_failed(2, refused, p.now += 1ms);
  CHECK(step.done);
  CHECK(p.r.status() == errc::unreachable);
  CHECK(p.r.restraint().at_limit == 2);
  CHECK(p.r.restraint().untried == 0);
  CHECK(p.context.asked == indexes{0, 1, 2, 0, 2});
  CHECK(p.context.told == lines{"1 refused"});
}

TEST_CASE("race: when all are at their limit nothing is tried", "[connect][rule-8]") {
  paper_race p({0, 0, 1});
  p.context.full = {0, 1, 2};
  CHECK(p.r.start(p.now).done);
  CHECK(p.r.status() == errc::unreachable);
  CHECK(p.r.attempts().empty());
  CHECK(p.r.restraint().at_limit == 3);
  CHECK(p.context.turns == 1);  // kept for an attempt that never started
}

TEST_CASE("race: what the end of an attempt says of its endpoint", "[connect][rule-9][fault-B1]") {
  const auto [ec, outcome] = GENERATE(table<error_code, const char*>({
      {boost::asio::error::connection_refused, "0 refused"},
      {boost::asio::error::connection_reset, "0 reset"},
      {boost::asio::error::timed_out, "0 timed out"},
      {boost::asio::error::host_unreachable, "0 unreachable"},
      {boost::asio::error::network_unreachable, "0 unreachable"},
      {boost::asio::error::address_family_not_supported, "0 unreachable"},
      {boost::asio::error::access_denied, "0 unreachable"},
      {boost::asio::error::no_descriptors, "0 local failure"},
      {boost::asio::error::no_buffer_space, "0 local failure"},
      {make_error_code(boost::system::errc::address_not_available), "0 local failure"},
  }));
  INFO(ec.message());
  paper_race p({0, 0});
  (void)p.r.start(p.now);
  (void)p.r.on_failed(0, ec, p.now += 1ms);
  CHECK(p.context.told == lines{outcome});
  CHECK(p.context.addresses == lines{outcome});
}

TEST_CASE("race: overtaken is who had its head start and began before the winner", "[connect][rule-9][fault-B3]") {
  paper_race p({0, 0, 0, 0});
  (void)p.r.start(p.now);
  (void)p.r.on_timer(p.now += 250ms);
  (void)p.r.on_timer(p.now += 250ms);
  SECTION("the last one wins") {
    (void)p.r.on_connected(2, p.now += 1ms);
    CHECK(p.context.told == lines{"2 connected", "0 overtaken", "1 overtaken"});
  }
  SECTION("one in the middle wins") {
    (void)p.r.on_timer(p.now += 250ms);
    (void)p.r.on_connected(1, p.now += 1ms);
    CHECK(p.context.told == lines{"1 connected", "0 overtaken", "2 abandoned", "3 abandoned"});
  }
  SECTION("the first one wins") {
    (void)p.r.on_connected(0, p.now += 1ms);
    CHECK(p.context.told == lines{"0 connected", "1 abandoned", "2 abandoned"});
  }
}

TEST_CASE("race: an endpoint is as well as the address that answers, and as ill as the last that failed",
          "[connect][rule-9][fault-B8]") {
  paper_race p(paper_race::with_addresses({3, 1}));
  (void)p.r.start(p.now);
  (void)p.r.on_failed(0, refused, p.now += 1ms);
  CHECK(p.context.told.empty());
  SECTION("the second one answers") {
    (void)p.r.on_connected(1, p.now += 1ms);
    CHECK(p.context.told == lines{"0 connected"});
    CHECK(p.context.addresses == lines{"0 refused", "0 connected"});
  }
  SECTION("the second one answers too late for its head start") {
    (void)p.r.on_timer(p.now += 250ms);
    (void)p.r.on_connected(2, p.now += 1ms);
    CHECK(p.context.told == lines{"0 connected"});
    CHECK(p.context.addresses == lines{"0 refused", "0 connected", "0 overtaken"});
  }
  SECTION("all fail") {
    (void)p.r.on_failed(1, boost::asio::error::host_unreachable, p.now += 1ms);
    (void)p.r.on_failed(2, boost::asio::error::no_descriptors, p.now += 1ms);
    CHECK(p.context.told == lines{"0 unreachable"});
  }
  SECTION("the rest had no time to answer") {
    (void)p.r.on_timer(p.now += 250ms);
    (void)p.r.on_timer(p.now += 250ms);
    (void)p.r.on_connected(3, p.now += 1ms);
    CHECK(p.context.told == lines{"1 connected", "0 overtaken"});
  }
  SECTION("the caller has had enough") {
    (void)p.r.stop(aborted, p.now += 1s);
    CHECK(p.context.told == lines{"0 abandoned"});
  }
  SECTION("no retry was left for its other addresses") {
    p.context.retries = 0;
    (void)p.r.on_failed(1, refused, p.now += 1ms);
    CHECK(p.context.told == lines{"0 refused"});
  }
}

TEST_CASE("race: at the deadline, who had its head start has timed out", "[connect][rule-9]") {
  paper_race p(paper_race::candidates({0, 0}), {250ms, 60s, race::time_point(1h) + 400ms});
  (void)p.r.start(p.now);
  (void)p.r.on_timer(p.now += 250ms);
  (void)p.r.on_timer(p.now += 150ms);
  CHECK(p.context.told == lines{"0 timed out", "1 abandoned"});
}

TEST_CASE("race: a hundred thousand failures are a loop", "[connect][fault-B21]") {
  constexpr std::size_t count = 100'000;
  paper_race p(std::vector<std::uint16_t>(count, 0));
  auto step = p.r.start(p.now);
  SECTION("one after the other") {
    for (std::size_t i = 0; i < count; ++i) {
      if (step.start != indexes{i}) FAIL("attempt " << i);
      step = p.r.on_failed(i, refused, p.now += 1us);
    }
    CHECK(p.context.told.size() == count);
  }
  SECTION("all skipped and asked again") {
    for (std::size_t i = 1; i < count; ++i) p.context.full.insert(i);
    step = p.r.on_failed(0, refused, p.now);
    CHECK(p.r.restraint().at_limit == count - 1);
  }
  CHECK(step.done);
  CHECK(p.r.status() == errc::unreachable);
}

TEST_CASE("race: refused or silent at each step, every endpoint that was used is told once",
          "[connect][replay][rule-9]") {
  // Each bit selects how one of six attempts ends: refused at once, or silent until its timeout.
  const unsigned silent = GENERATE(range(0U, 64U));
  const int retries = GENERATE(0, 2, 100);
  INFO(silent << ' ' << retries);
  auto candidates = paper_race::with_addresses({2, 1, 2, 1});
  candidates[3].priority = candidates[4].priority = candidates[5].priority = 1;
  paper_race p(candidates, {250ms, 2s, {}, 30ms});
  p.context.retries = retries;
  p.context.on_trial = {1};
  p.context.full = {3};
  race::step step = p.r.start(p.now);
  for (int i = 0; !step.done; ++i) {
    REQUIRE(i < 100);
    if (const auto refusing = std::ranges::find_if(step.start, [&](std::size_t c) { return !(silent >> c & 1); });
        refusing != step.start.end()) {
      REQUIRE(step.start.size() == 1);  // so this test ignores no other start
      step = p.r.on_failed(*refusing, refused, p.now += 1ms);
      continue;
    }
    REQUIRE(step.wake > p.now);
    step = p.r.on_timer(p.now = step.wake);
  }
  CHECK(p.r.status() == errc::unreachable);
  std::set<std::size_t> used;
  for (const race::attempt& a : p.r.attempts()) {
    CHECK_FALSE(a.open);
    used.insert(p.r.candidate(a.candidate).endpoint);
  }
  CHECK(p.context.told.size() == used.size());
  CHECK(p.r.attempts().size() == (retries == 100 ? 5 : std::size_t(retries) + 1));
  const connect_restraint restraint = p.r.restraint();
  CHECK(restraint.retry_budget == (retries != 100));
  CHECK(used.size() + restraint.untried + restraint.at_limit == 4);
}
