// Rules 11 and 12 of race.hpp: every tier gets its time.
#include "connect/race/race.hpp"
#include "unit/connect/paper_race.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

/// One endpoint for each text, with an address for each character: '6' and '4'.
std::vector<attempt_target> hosts(const std::vector<std::string>& texts, std::uint16_t priority = 0) {
  std::vector<attempt_target> out;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::uint8_t number = 0;
    for (const char family : texts[i]) {
      const auto at = family == '4' ? ip_address::v4({192, 0, 2, ++number})
                                    : ip_address::v6({0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ++number});
      out.push_back({i, at, 80, priority, false});
    }
  }
  return out;
}

void append(std::vector<attempt_target>& to, std::vector<attempt_target> more) {
  const std::size_t first = to.empty() ? 0 : to.back().endpoint + 1;
  for (attempt_target& c : more) {
    c.endpoint += first;
    to.push_back(c);
  }
}

/// A race in which nothing answers; returns "TIME ENDPOINT FAMILY" of each start.
struct silent_race : paper_race {
  silent_race(std::vector<attempt_target> with, std::chrono::milliseconds timeout,
              std::chrono::milliseconds attempt_timeout = 2s)
      : paper_race(std::move(with), {250ms, attempt_timeout, race::time_point(1h) + timeout}) {}

  lines started;
  race::step step;

  void note(race::step next) {
    step = std::move(next);
    for (const std::size_t c : step.start) {
      const attempt_target& to = r.candidate(c);
      started.push_back(std::to_string((now - began) / 1ms) + ' ' + std::to_string(to.endpoint) +
                        (to.address.is_v4() ? " 4" : " 6"));
    }
  }
  lines run() {
    note(r.start(now));
    while (!step.done) note(r.on_timer(now = step.wake));
    return started;
  }
};

}  // namespace

TEST_CASE("race: what fits into the time of its tier keeps the order of RFC 2782", "[connect][rule-11][fault-O22]") {
  auto all = hosts({"64", "64", "64"});
  append(all, hosts({"4"}, 1));
  CHECK(silent_race(all, 5s).run() ==
        lines{"0 0 6", "250 0 4", "500 1 6", "750 1 4", "1000 2 6", "1250 2 4", "2500 3 4"});
}

TEST_CASE("race: what does not fit gets one address each, the families alternating",
          "[connect][rule-11][rule-12][fault-O22]") {
  auto all = hosts(std::vector<std::string>(7, "64"));
  append(all, hosts({"4"}, 1));
  CHECK(silent_race(all, 5s).run() == lines{"0 0 6", "250 0 4", "500 1 6", "750 2 4", "1000 3 6", "1250 4 4",
                                            "1500 5 6", "1750 6 4", "2000 1 4", "2250 2 6", "2500 7 4", "4500 3 4",
                                            "4750 4 6"});
}

TEST_CASE("race: one address each also in the last tier", "[connect][rule-11][fault-O22]") {
  const auto started = silent_race(hosts(std::vector<std::string>(8, "64")), 2s).run();
  CHECK(started == lines{"0 0 6", "250 0 4", "500 1 6", "750 2 4", "1000 3 6", "1250 4 4", "1500 5 6", "1750 6 4"});
}

TEST_CASE("race: a family that this host has no way to is no choice", "[connect][rule-11][fault-O22]") {
  auto all = hosts(std::vector<std::string>(8, "64"));
  silent_race p(all, 2s);
  p.note(p.r.start(p.now));
  p.note(p.r.on_failed(0, boost::asio::error::network_unreachable, p.now));
  while (!p.step.done) p.note(p.r.on_timer(p.now = p.step.wake));
  CHECK(p.started ==
        lines{"0 0 6", "0 0 4", "250 1 4", "500 2 4", "750 3 4", "1000 4 4", "1250 5 4", "1500 6 4", "1750 7 4"});
}

TEST_CASE("race: a tier that has answered keeps its order and its time", "[connect][rule-11][rule-12][fault-O22]") {
  auto all = hosts({"4", "64", "64", "64", "64", "64", "64"});
  append(all, hosts({"4"}, 1));
  silent_race p(all, 5s);
  p.note(p.r.start(p.now));
  p.note(p.r.on_failed(0, refused, p.now += 1ms));
  while (!p.step.done) p.note(p.r.on_timer(p.now = p.step.wake));
  CHECK(p.started.size() == 14);
  CHECK(p.started[1] == "1 1 6");
  CHECK(p.started[2] == "251 1 4");
  CHECK(p.started.back().substr(0, 5) == "4751 ");  // after 2751 + 2000, when the last address has timed out
}

TEST_CASE("race: an ICMP error is no answer", "[connect][rule-12][fault-O22]") {
  auto all = hosts({"4", "4"});
  append(all, hosts({"4"}, 1));
  silent_race p(all, 5s, 10s);
  p.note(p.r.start(p.now));
  p.note(p.r.on_failed(0, boost::asio::error::host_unreachable, p.now += 1ms));
  while (!p.step.done) p.note(p.r.on_timer(p.now = p.step.wake));
  CHECK(p.started == lines{"0 0 4", "1 1 4", "2500 2 4"});
}

TEST_CASE("race: each of several tiers gets its time, but 1.25 s of silence at least",
          "[connect][rule-12][fault-O22]") {
  std::vector<attempt_target> all;
  for (const int priority : {0, 5, 9, 12}) append(all, hosts({"4"}, static_cast<std::uint16_t>(priority)));
  CHECK(silent_race(all, 8s, 10s).run() == lines{"0 0 4", "6000 1 4", "7333 2 4", "7583 3 4"});
  CHECK(silent_race(all, 2s, 10s).run() == lines{"0 0 4", "1500 1 4", "1750 2 4"});
  CHECK(silent_race(all, 1s, 10s).run() == lines{"0 0 4"});
}

TEST_CASE("race: without a deadline a silent tier keeps its time", "[connect][rule-12][fault-O22][fault-O36]") {
  paper_race limitless(paper_race::candidates({0, 1}), {250ms, 60s, race::time_point::max()});
  (void)limitless.r.start(limitless.now);
  CHECK(limitless.r.on_timer(limitless.now += 59s).start.empty());
  CHECK(limitless.r.on_timer(limitless.now += 1s).start == indexes{1});
}

TEST_CASE("race: of two that connect within the head start the lower tier wins", "[connect][rule-12][fault-O22]") {
  silent_race p(paper_race::candidates({0, 1}), 5s, 10s);
  p.note(p.r.start(p.now));
  p.note(p.r.on_timer(p.now += 2500ms));
  REQUIRE(p.started == lines{"0 0 4", "2500 1 4"});
  p.note(p.r.on_connected(1, p.now += 1ms));
  CHECK_FALSE(p.step.done);
  CHECK(p.step.wake == p.now + 250ms);
  SECTION("the lower one connects in time") {
    p.note(p.r.on_connected(0, p.now += 100ms));
    CHECK(p.r.winner() == 0U);
    CHECK(p.step.abandon == indexes{1});
    CHECK(p.context.told == lines{"1 abandoned", "0 connected"});
  }
  SECTION("it does not") {
    p.note(p.r.on_timer(p.now += 250ms));
    CHECK(p.r.winner() == 1U);
    CHECK(p.step.abandon == indexes{0});
    CHECK(p.context.told == lines{"1 connected", "0 overtaken"});
  }
  SECTION("it fails: nothing is left to wait for") {
    p.note(p.r.on_failed(0, refused, p.now += 10ms));
    CHECK(p.r.winner() == 1U);
    CHECK(p.step.abandon.empty());
  }
  SECTION("the caller stops it") {
    p.note(p.r.stop(aborted, p.now));
    CHECK_FALSE(p.r.winner());
    CHECK(p.step.abandon == indexes{0, 1});
  }
  CHECK(p.step.done);
}

TEST_CASE("race: the deadline ends the wait for the lower tier with success", "[connect][rule-12][fault-O22]") {
  silent_race p(paper_race::candidates({0, 1}), 1400ms, 10s);
  p.note(p.r.start(p.now));
  p.note(p.r.on_timer(p.now += 1250ms));
  p.note(p.r.on_connected(1, p.now += 50ms));
  CHECK(p.step.wake == p.began + 1400ms);
  p.note(p.r.on_timer(p.now = p.step.wake));
  CHECK(p.step.done);
  CHECK(p.r.winner() == 1U);
  CHECK_FALSE(p.r.status());
}

TEST_CASE("race: the endpoints for which there was no time are told", "[connect][rule-12][fault-O22]") {
  SECTION("at the deadline") {
    silent_race p(hosts(std::vector<std::string>(6, "4")), 1s);
    CHECK(p.run().size() == 4);
    CHECK(p.r.untried() == indexes{4, 5});
    CHECK(p.r.restraint().deadline);
    CHECK(p.r.restraint().untried == 2);
  }
  SECTION("when another tier won") {
    auto all = hosts(std::vector<std::string>(12, "4"));
    append(all, hosts({"4", "4"}, 1));
    silent_race p(all, 5s);
    p.note(p.r.start(p.now));
    while (p.now - p.began < 2500ms) p.note(p.r.on_timer(p.now = p.step.wake));
    REQUIRE(p.started.back() == "2500 12 4");
    while (p.step.start.empty()) p.note(p.r.on_timer(p.now = p.step.wake));
    p.note(p.r.on_connected(12, p.now));
    while (!p.step.done) p.note(p.r.on_timer(p.now = p.step.wake));
    CHECK(p.r.winner() == 12U);
    CHECK(p.r.untried() == indexes{10, 11});
  }
}
