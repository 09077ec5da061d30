// The numbered rules of race.hpp, in simulated time.
#include "connect/race/race.hpp"

#include "connect/race/attempt_targets.hpp"
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

endpoint endpoint_of(std::uint16_t port, std::uint16_t priority, const std::vector<std::string>& addresses) {
  endpoint e;
  e.target = name::from_text("h.example.com").value();
  e.port = port;
  e.priority = priority;
  for (const std::string& text : addresses) e.addresses.push_back(ip_address::from_text(text).value());
  return e;
}

std::vector<std::string> texts_of(const std::vector<attempt_target>& candidates) {
  std::vector<std::string> out;
  for (const attempt_target& c : candidates) out.push_back(c.address.to_text() + ' ' + std::to_string(c.port));
  return out;
}

std::vector<attempt_target> candidates_of(const std::vector<endpoint>& order, bool use_ipv4, bool use_ipv6) {
  std::vector<const endpoint*> pointers;
  for (const endpoint& e : order) pointers.push_back(&e);
  return attempt_targets(pointers, use_ipv4, use_ipv6);
}

}  // namespace

TEST_CASE("race: an endpoint's addresses alternate between the families, IPv6 first, then the next endpoint",
          "[connect][rfc8305][rfc2782][rfc-check-46][rfc-check-68]") {
  const std::vector<endpoint> order{
      endpoint_of(80, 0, {"192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "2001:db8::2"}),
      endpoint_of(81, 0, {"192.0.2.4"}), endpoint_of(82, 1, {}), endpoint_of(83, 1, {"2001:db8::3", "2001:db8::4"})};
  CHECK(texts_of(candidates_of(order, true, true)) ==
        std::vector<std::string>{"2001:db8::1 80", "192.0.2.1 80", "2001:db8::2 80", "192.0.2.2 80", "192.0.2.3 80",
                                 "192.0.2.4 81", "2001:db8::3 83", "2001:db8::4 83"});
  CHECK(texts_of(candidates_of(order, true, false)).size() == 4);
  CHECK(texts_of(candidates_of(order, false, true)) ==
        std::vector<std::string>{"2001:db8::1 80", "2001:db8::2 80", "2001:db8::3 83", "2001:db8::4 83"});
  CHECK(candidates_of(order, true, true).back().endpoint == 3);
  CHECK(candidates_of(order, true, true).back().priority == 1);
}

TEST_CASE("race: mapped addresses count as IPv4, and those no stream leads to are refused", "[connect][fault-S15]") {
  const std::vector<endpoint> order{endpoint_of(80, 0,
                                                {"::ffff:192.0.2.1", "::ffff:0.0.0.0", "0.0.0.1", "224.0.0.1",
                                                 "ff02::1", "::", "255.255.255.255", "127.0.0.1", "10.0.0.1"})};
  for (const attempt_target& c : candidates_of(order, true, true)) {
    INFO(c.address.to_text());
    const std::string text = c.address.to_text();
    CHECK(c.refused == (text != "192.0.2.1" && text != "127.0.0.1" && text != "10.0.0.1"));
  }
  CHECK(candidates_of(order, false, true).size() == 2);
}

TEST_CASE("race: whose turn it is comes first in its family, in whatever order the addresses came",
          "[connect][fault-O23]") {
  const std::vector<std::string> came = GENERATE(
      values<std::vector<std::string>>({{"192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "2001:db8::2"},
                                        {"2001:db8::2", "192.0.2.3", "192.0.2.1", "2001:db8::1", "192.0.2.2"}}));
  const endpoint e = endpoint_of(80, 0, came);
  const endpoint* const order[] = {&e};
  const auto first_of = [&](std::uint64_t turn) {
    const auto all = texts_of(attempt_targets(order, true, true, {.turn = [&](const endpoint&) { return turn; }}));
    CHECK(all.size() == 5);
    return all[0] + ", " + all[1];
  };
  CHECK(first_of(0) == "2001:db8::1 80, 192.0.2.1 80");
  CHECK(first_of(1) == "2001:db8::2 80, 192.0.2.2 80");
  CHECK(first_of(2) == "2001:db8::1 80, 192.0.2.3 80");
  CHECK(first_of(3) == "2001:db8::2 80, 192.0.2.1 80");
}

TEST_CASE("race: a link-local address without an interface is told, never tried", "[connect][fault-O25]") {
  paper_race p(candidates_of({endpoint_of(80, 0, {"fe80::1"})}, true, true));
  CHECK(p.r.start(p.now).done);
  CHECK(p.r.status() == errc::unreachable);
  CHECK(p.results().at(0).message() == "link-local address without an interface");
}

TEST_CASE("race: the first starts at once, the next after the delay each",
          "[connect][rfc8305][rfc-check-67][rule-1][rule-2][fault-B3][fault-X32]") {
  paper_race p({0, 0, 0});
  auto step = p.r.start(p.now);
  CHECK(step.start == indexes{0});
  CHECK(step.wake == p.began + 250ms);
  step = p.r.on_timer(p.now = step.wake - 1ms);
  CHECK(step.start.empty());
  CHECK(step.wake == p.began + 250ms);
  step = p.r.on_timer(p.now = step.wake);
  CHECK(step.start == indexes{1});
  CHECK(step.wake == p.began + 500ms);
  step = p.r.on_timer(p.now = step.wake);
  CHECK(step.start == indexes{2});
  CHECK(step.wake == p.began + 2s);  // no candidate left to start: the timeout of the first attempt
}

TEST_CASE("race: a failure starts the next at once, and gives it the whole head start",
          "[connect][rfc8305][rule-2][fault-B1]") {
  paper_race p({0, 0, 0});
  (void)p.r.start(p.now);
  auto step = p.r.on_failed(0, refused, p.now += 10ms);
  CHECK(step.start == indexes{1});
  CHECK(step.wake == p.began + 260ms);
  step = p.r.on_timer(p.now = step.wake);
  CHECK(step.start == indexes{2});
  // One of two attempts fails and no candidate is left: the other continues.
  step = p.r.on_failed(1, refused, p.now);
  CHECK(step.start.empty());
  CHECK_FALSE(step.done);
}

TEST_CASE("race: the delay is kept between 10 ms and 2 s", "[connect][rfc8305][rfc-check-67]") {
  const auto [asked, kept] =
      GENERATE(table<int, int>({{0, 10}, {-5, 10}, {9, 10}, {100, 100}, {2000, 2000}, {60000, 2000}}));
  race_options with{std::chrono::milliseconds(asked), 10s, {}};
  paper_race p(paper_race::candidates({0, 0}), with);
  CHECK(p.r.start(p.now).wake == p.began + std::chrono::milliseconds(kept));
}

TEST_CASE("race: an attempt that takes too long has failed", "[connect][rule-3]") {
  paper_race p(paper_race::candidates({0, 0}), {2000ms, 300ms, {}});
  auto step = p.r.start(p.now);
  CHECK(step.wake == p.began + 300ms);
  step = p.r.on_timer(p.now = step.wake);
  CHECK(step.abandon == indexes{0});
  CHECK(step.start == indexes{1});
  step = p.r.on_timer(p.now = step.wake);
  CHECK(step.abandon == indexes{1});
  CHECK(step.done);
  CHECK(p.r.status() == errc::unreachable);
  CHECK(p.results() == std::vector<error_code>(2, boost::asio::error::timed_out));
  CHECK(p.r.attempts()[1].elapsed == 300ms);
}

TEST_CASE("race: the next tier waits until this one has nobody left and nobody under way",
          "[connect][rfc2782][rfc-check-36][rfc-check-69][rule-4]") {
  paper_race p({0, 0, 7, 7});
  (void)p.r.start(p.now);
  auto step = p.r.on_timer(p.now += 250ms);
  CHECK(step.start == indexes{1});
  step = p.r.on_timer(p.now += 250ms);  // time alone does not open the next tier
  CHECK(step.start.empty());
  CHECK(step.wake == p.began + 2s);
  step = p.r.on_failed(1, refused, p.now += 10ms);
  CHECK(step.start.empty());
  step = p.r.on_failed(0, refused, p.now += 10ms);
  CHECK(step.start == indexes{2});
  CHECK(step.wake == p.now + 250ms);
  step = p.r.on_failed(2, refused, p.now += 10ms);
  CHECK(step.start == indexes{3});
  step = p.r.on_connected(3, p.now += 10ms);
  CHECK(step.done);
  CHECK(p.r.winner() == 3U);
}

TEST_CASE("race: the first success ends it, all others are abandoned and reported so",
          "[connect][rfc-check-67][rule-5]") {
  paper_race p({0, 0, 0, 1});
  (void)p.r.start(p.now);
  (void)p.r.on_timer(p.now += 250ms);
  (void)p.r.on_timer(p.now += 250ms);
  const auto step = p.r.on_connected(1, p.now += 30ms);
  CHECK(step.done);
  CHECK(step.abandon == indexes{0, 2});
  CHECK(step.start.empty());
  CHECK(p.r.winner() == 1U);
  CHECK_FALSE(p.r.status());
  CHECK(p.results() == std::vector<error_code>{aborted, {}, aborted});
  CHECK(p.r.attempts()[0].elapsed == 530ms);
  CHECK(p.r.attempts()[1].elapsed == 280ms);
}

TEST_CASE("race: when all fail it is unreachable, each tried exactly once",
          "[connect][fault-B2][fault-B4][fault-B17]") {
  const std::size_t count = GENERATE(1, 2, 7);
  paper_race p(std::vector<std::uint16_t>(count, 3));
  auto step = p.r.start(p.now);
  for (std::size_t i = 0; i < count; ++i) {
    CHECK_FALSE(step.done);
    CHECK(step.start == indexes{i});
    step = p.r.on_failed(i, refused, p.now += 1ms);
  }
  CHECK(step.done);
  CHECK(p.r.status() == errc::unreachable);
  CHECK_FALSE(p.r.winner());
  CHECK(p.results() == std::vector<error_code>(count, refused));
}

TEST_CASE("race: the last of many may be the one that works", "[connect][fault-B2]") {
  paper_race p(std::vector<std::uint16_t>(50, 0));
  (void)p.r.start(p.now);
  for (std::size_t i = 0; i < 49; ++i) (void)p.r.on_failed(i, refused, p.now += 1ms);
  CHECK(p.r.on_connected(49, p.now).done);
  CHECK(p.r.winner() == 49U);
}

TEST_CASE("race: at the deadline everything under way has timed out", "[connect]") {
  paper_race p(paper_race::candidates({0, 0, 1}), {250ms, 60s, race::time_point(1h) + 400ms});
  (void)p.r.start(p.now);
  auto step = p.r.on_timer(p.now += 250ms);
  CHECK(step.wake == p.began + 400ms);
  step = p.r.on_timer(p.now = step.wake);
  CHECK(step.done);
  CHECK(step.abandon == indexes{0, 1});
  CHECK(p.r.status() == errc::unreachable);
  CHECK(p.results() == std::vector<error_code>(2, boost::asio::error::timed_out));
}

TEST_CASE("race: nobody to try is unreachable at once", "[connect]") {
  paper_race p(std::vector<std::uint16_t>{});
  CHECK(p.r.start(p.now).done);
  CHECK(p.r.status() == errc::unreachable);
  CHECK(p.r.attempts().empty());
}

TEST_CASE("race: refused addresses are reported, never tried, and cost no time", "[connect][fault-S15]") {
  auto candidates = paper_race::candidates({0, 0, 0, 1});
  candidates[0].refused = candidates[2].refused = true;
  SECTION("others are tried") {
    paper_race p(candidates);
    auto step = p.r.start(p.now);
    CHECK(step.start == indexes{1});
    step = p.r.on_failed(1, refused, p.now);
    CHECK(step.start == indexes{3});
    step = p.r.on_failed(3, refused, p.now);
    CHECK(p.r.status() == errc::unreachable);
    CHECK(p.results() == std::vector<error_code>{errc::refused_address, refused, errc::refused_address, refused});
  }
  SECTION("there are no others") {
    candidates[1].refused = candidates[3].refused = true;
    paper_race p(candidates);
    CHECK(p.r.start(p.now).done);
    CHECK(p.r.status() == errc::refused_address);
  }
}

TEST_CASE("race: without descriptors the reason is told", "[connect][fault-X20]") {
  paper_race p({0, 0});
  (void)p.r.start(p.now);
  (void)p.r.on_failed(0, boost::asio::error::no_descriptors, p.now);
  CHECK(p.r.on_failed(1, boost::asio::error::no_descriptors, p.now).done);
  CHECK(p.r.status() == boost::asio::error::no_descriptors);
}

TEST_CASE("race: stopped at any step it abandons what is under way", "[connect][replay][fault-X36]") {
  for (int stop_after = 0; stop_after < 4; ++stop_after) {
    INFO("after " << stop_after);
    paper_race p({0, 0, 1});
    auto step = p.r.start(p.now);
    if (stop_after > 0) step = p.r.on_timer(p.now += 250ms);
    if (stop_after > 1) step = p.r.on_failed(0, refused, p.now += 1ms);
    if (stop_after > 2) step = p.r.on_failed(1, refused, p.now += 1ms);
    step = p.r.stop(aborted, p.now += 5ms);
    CHECK(step.done);
    CHECK(step.abandon == (stop_after == 0   ? indexes{0}
                           : stop_after == 1 ? indexes{0, 1}
                           : stop_after == 2 ? indexes{1}
                                             : indexes{2}));
    CHECK(p.r.status() == aborted);
    for (const race::attempt& a : p.r.attempts()) CHECK_FALSE(a.open);
    CHECK(p.results().back() == aborted);
  }
}

TEST_CASE("race: without any limit it waits for the first answer, and starts what is due meanwhile",
          "[connect][rule-1][rule-3][fault-O36]") {
  constexpr auto no_limit = std::chrono::milliseconds::max();
  paper_race p(paper_race::candidates({0, 0}), {no_limit, no_limit, race::time_point::max(), no_limit});
  auto step = p.r.start(p.now);
  CHECK(step.start == indexes{0});
  CHECK(step.wake == p.began + 2s);  // the greatest head start
  step = p.r.on_timer(p.now = step.wake);
  CHECK(step.start == indexes{1});
  CHECK(step.wake > p.now + 24h * 300);
  step = p.r.on_timer(p.now += 24h * 300);
  CHECK(step.abandon.empty());
  CHECK_FALSE(step.done);
  step = p.r.on_connected(1, p.now);
  CHECK(step.done);
  CHECK_FALSE(p.r.status());
}
