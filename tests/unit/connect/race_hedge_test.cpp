// Hedging: the next endpoint starts beside the first, before the head start of the first is over.
#include "unit/connect/paper_race.hpp"

#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

TEST_CASE("race: a hedge starts the tier's next endpoint beside the first, once", "[connect][rule-6]") {
  auto candidates = paper_race::with_addresses({2, 1, 1});
  race_options with{250ms, 2s, {}, 40ms};
  paper_race p(candidates, with);
  auto step = p.r.start(p.now);
  CHECK(step.wake == p.began + 40ms);
  step = p.r.on_timer(p.now = step.wake);
  CHECK(step.start == indexes{2});  // not the other address of the first endpoint
  CHECK(step.wake == p.began + 290ms);
  step = p.r.on_timer(p.now = step.wake);
  CHECK(step.start == indexes{1});
  step = p.r.on_timer(p.now += 40ms);
  CHECK(step.start.empty());
  step = p.r.on_timer(p.now += 210ms);
  CHECK(step.start == indexes{3});
}

TEST_CASE("race: who loses to a hedge within its head start has not failed", "[connect][rule-6][rule-9]") {
  paper_race p(paper_race::candidates({0, 0}), {250ms, 2s, {}, 40ms});
  (void)p.r.start(p.now);
  (void)p.r.on_timer(p.now += 40ms);
  (void)p.r.on_connected(1, p.now += 10ms);
  CHECK(p.context.told == lines{"1 connected", "0 abandoned"});
}

TEST_CASE("race: a hedge stays in the tier, and is done without when it may not be", "[connect][rule-6]") {
  race_options with{250ms, 2s, {}, 40ms};
  SECTION("nobody else in the tier") {
    paper_race p(paper_race::candidates({0, 1}), with);
    (void)p.r.start(p.now);
    const auto step = p.r.on_timer(p.now += 40ms);
    CHECK(step.start.empty());
    CHECK(step.wake == p.began + 2s);
  }
  SECTION("no retry left; that is no end of the race") {
    paper_race p(paper_race::candidates({0, 0}), with);
    p.context.retries = 0;
    (void)p.r.start(p.now);
    auto step = p.r.on_timer(p.now += 40ms);
    CHECK(step.start.empty());
    p.context.retries = 1;
    step = p.r.on_failed(0, refused, p.now += 10ms);
    CHECK(step.start == indexes{1});
  }
  SECTION("not its turn; the turn is the next attempt's") {
    paper_race p(paper_race::candidates({0, 0}), with);
    p.context.pace = 100ms;
    (void)p.r.start(p.now);
    auto step = p.r.on_timer(p.now += 40ms);
    CHECK(step.start.empty());
    CHECK(step.wake == p.began + 250ms);
    step = p.r.on_timer(p.now = step.wake);
    CHECK(step.start == indexes{1});
    CHECK(p.context.turns == 2);
  }
  SECTION("the next is at its limit; the one behind it is not") {
    paper_race p(paper_race::candidates({0, 0, 0}), with);
    p.context.full = {1};
    (void)p.r.start(p.now);
    CHECK(p.r.on_timer(p.now += 40ms).start == indexes{2});
  }
}
