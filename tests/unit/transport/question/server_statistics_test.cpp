// The numbered rules of server_statistics.hpp.
#include "transport/question/server_statistics.hpp"

#include <catch2/catch.hpp>

#include <utility>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace std::chrono_literals;

namespace {

using time_point = server_statistics::time_point;
using outcome = server_statistics::edns_outcome;

constexpr time_point start{1h};

server_statistics made(std::size_t servers, bool rotate = false) { return {servers, {1000ms, rotate}}; }

std::vector<std::size_t> order(server_statistics& book, time_point now) {
  const server_statistics::selection s = book.select(now);
  return {s.order.begin(), s.order.begin() + static_cast<std::ptrdiff_t>(s.count)};
}

void measure(server_statistics& book, std::size_t server, server_statistics::duration took, time_point now,
             int times = 1) {
  for (int i = 0; i < times; ++i) book.on_round_trip(server, took, now);
}

/// Two queries sent after its latest reply get no answer.
void silence(server_statistics& book, std::size_t server, time_point now) {
  for (int i = 0; i < 2; ++i) book.on_timeout(server, now, now);
}

}  // namespace

TEST_CASE("server_statistics: the round trip is smoothed, and sets the patience", "[transport][rfc6298][rule-1]") {
  server_statistics book = made(1);
  CHECK_FALSE(book.round_trip(0, start));
  CHECK(book.timeout(0, start) == 400ms);
  measure(book, 0, 160ms, start);
  CHECK(book.round_trip(0, start) == 160ms);
  CHECK(book.timeout(0, start) == 160ms + 4 * 80ms);
  measure(book, 0, 80ms, start);
  CHECK(book.round_trip(0, start) == 150ms);          // 7/8 160 + 1/8 80
  CHECK(book.timeout(0, start) == 150ms + 4 * 80ms);  // 3/4 80 + 1/4 80
  measure(book, 0, 3s, start, 50);
  CHECK(book.timeout(0, start) == 1s);
  measure(book, 0, 100us, start, 100);
  CHECK(book.timeout(0, start) == 200ms);
  CHECK(book.timeout(0, start + 6min) == 400ms);  // forgotten
}

TEST_CASE("server_statistics: configured order decides unless one is clearly faster", "[transport][rule-1]") {
  const auto [first, second, expected] =
      GENERATE(table<server_statistics::duration, server_statistics::duration, std::size_t>({
          {1ms, 100us, 0},   // ten times, but by less than 10 ms
          {10ms, 1ms, 0},    // by 9 ms
          {12ms, 1ms, 1},    // by more than 10 ms and 1.5 times
          {100ms, 70ms, 0},  // by 30 ms, but not 1.5 times
          {100ms, 60ms, 1},  //
          {1ms, 100ms, 0},   // it is the first already
      }));
  server_statistics book = made(2);
  measure(book, 0, first, start);
  measure(book, 1, second, start);
  CHECK(order(book, start) == std::vector<std::size_t>{expected, 1 - expected});
}

TEST_CASE("server_statistics: who was not measured gets its chance when the others are slow", "[transport][rule-1]") {
  server_statistics book = made(3);
  CHECK(order(book, start) == std::vector<std::size_t>{0, 1, 2});
  measure(book, 0, 30ms, start);
  CHECK(order(book, start) == std::vector<std::size_t>{0, 1, 2});
  measure(book, 0, 300ms, start, 20);
  CHECK(order(book, start) == std::vector<std::size_t>{1, 2, 0});
  measure(book, 1, 150ms, start);
  CHECK(order(book, start) == std::vector<std::size_t>{2, 1, 0});
  measure(book, 2, 500ms, start);
  CHECK(order(book, start) == std::vector<std::size_t>{1, 0, 2});
  CHECK(order(book, start + 6min) == std::vector<std::size_t>{0, 1, 2});
}

TEST_CASE("server_statistics: rotation begins at each healthy server in turn", "[transport][rule-1]") {
  server_statistics book = made(3, true);
  measure(book, 0, 1ms, start);
  measure(book, 2, 100ms, start);
  CHECK(order(book, start) == std::vector<std::size_t>{0, 1, 2});
  CHECK(order(book, start) == std::vector<std::size_t>{1, 2, 0});
  CHECK(order(book, start) == std::vector<std::size_t>{2, 0, 1});
  CHECK(order(book, start) == std::vector<std::size_t>{0, 1, 2});
  book.on_refusal(1, start);
  CHECK(order(book, start) == std::vector<std::size_t>{0, 2, 1});
  CHECK(order(book, start) == std::vector<std::size_t>{2, 0, 1});
}

TEST_CASE("server_statistics: of more servers than a query can ask the healthy ones are taken", "[transport]") {
  server_statistics book = made(40);
  CHECK(order(book, start).size() == server_statistics::max_asked);
  for (std::size_t i = 0; i < 30; ++i) book.on_refusal(i, start);
  const std::vector<std::size_t> chosen = order(book, start);
  REQUIRE(chosen.size() == server_statistics::max_asked);
  CHECK(chosen[0] == 30);
  CHECK(chosen[9] == 39);
  CHECK(chosen[10] == 0);
}

TEST_CASE("server_statistics: a refusal or two silences in a row demote", "[transport][rule-2][fault-X14][fault-X17]") {
  server_statistics book = made(2);
  book.on_timeout(0, start, start + 1s);
  CHECK_FALSE(book.is_demoted(0));
  SECTION("silence") { book.on_timeout(0, start, start + 2s); }
  SECTION("refusal") { book.on_refusal(0, start + 2s); }
  CHECK(book.is_demoted(0));
  CHECK(order(book, start + 2s) == std::vector<std::size_t>{1, 0});
  book.on_reply(0, start + 3s);
  CHECK_FALSE(book.is_demoted(0));
  CHECK(order(book, start + 3s) == std::vector<std::size_t>{0, 1});
}

TEST_CASE("server_statistics: silence to a query older than the latest reply says nothing", "[transport][rule-2]") {
  server_statistics book = made(2);
  book.on_reply(0, start + 100ms);
  for (int i = 0; i < 10; ++i) book.on_timeout(0, start, start + 1s);
  CHECK_FALSE(book.is_demoted(0));
  book.on_timeout(0, start + 200ms, start + 1s);
  book.on_reply(0, start + 1s);  // only consecutive timeouts count
  book.on_timeout(0, start + 1s, start + 2s);
  CHECK_FALSE(book.is_demoted(0));
  book.on_timeout(0, start + 1s, start + 2s);
  CHECK(book.is_demoted(0));
}

TEST_CASE("server_statistics: SERVFAIL demotes at the fifth in a row, until an answer",
          "[transport][rule-2][fault-X13]") {
  server_statistics book = made(2);
  for (int i = 0; i < 4; ++i) book.on_unhelpful(0, start);
  CHECK_FALSE(book.is_demoted(0));
  SECTION("an answer between") {
    book.on_answer(0);
    for (int i = 0; i < 4; ++i) book.on_unhelpful(0, start);
    CHECK_FALSE(book.is_demoted(0));
  }
  SECTION("the fifth") {
    book.on_unhelpful(0, start);
    CHECK(book.is_demoted(0));
    book.on_reply(0, start);  // the next SERVFAIL
    CHECK(book.is_demoted(0));
    book.on_answer(0);
    CHECK_FALSE(book.is_demoted(0));
  }
}

TEST_CASE("server_statistics: a demoted server is probed after 1 s, 2 s and then every 3 s",
          "[transport][rule-3][fault-X14]") {
  server_statistics book = made(2);
  silence(book, 0, start);
  std::vector<int> probed;
  for (int tenth = 0; tenth < 200; ++tenth) {
    const auto selected = book.select(start + tenth * 100ms);
    CHECK(selected.order[0] == 1);
    if (!selected.probe) continue;
    CHECK(*selected.probe == 0);
    probed.push_back(tenth);
    book.on_timeout(0, start + tenth * 100ms, start + tenth * 100ms);
  }
  CHECK(probed == std::vector<int>{10, 30, 60, 90, 120, 150, 180});
}

TEST_CASE("server_statistics: one probe a query, and all demoted servers get theirs", "[transport][rule-3]") {
  server_statistics book = made(3);
  silence(book, 0, start);
  silence(book, 2, start);
  CHECK(book.select(start + 1s).probe == 0);
  CHECK(book.select(start + 1s).probe == 2);
  CHECK_FALSE(book.select(start + 1s).probe);
}

TEST_CASE("server_statistics: when all are demoted all are asked in order, without probes",
          "[transport][rule-3][fault-X15]") {
  server_statistics book = made(3);
  for (const std::size_t i : {2U, 0U, 1U}) book.on_refusal(i, start);
  const auto selected = book.select(start + 1min);
  CHECK(order(book, start + 1min) == std::vector<std::size_t>{0, 1, 2});
  CHECK_FALSE(selected.probe);
  book.on_reply(1, start + 1min);
  CHECK(order(book, start + 2min) == std::vector<std::size_t>{1, 0, 2});
}

TEST_CASE("server_statistics: a second demotion begins with quick probes again", "[transport][rule-3]") {
  server_statistics book = made(2);
  silence(book, 0, start);
  for (int i = 1; i < 20; ++i) (void)book.select(start + i * 1s);
  book.on_reply(0, start + 20s);
  silence(book, 0, start + 30s);
  CHECK_FALSE(book.select(start + 30s).probe);
  CHECK(book.select(start + 31s).probe == 0);
}

TEST_CASE("server_statistics: who refused EDNS is asked without for 15 minutes",
          "[transport][rfc6891][rule-4][rfc-check-56]") {
  server_statistics book = made(2);
  CHECK(book.use_edns(0, start));
  book.on_edns(0, outcome::refused, start);
  CHECK_FALSE(book.use_edns(0, start + 14min));
  CHECK(book.use_edns(0, start + 15min));
  CHECK(book.use_edns(1, start));
}

TEST_CASE("server_statistics: who answers only without EDNS is remembered at the second time",
          "[transport][rfc6891][rule-4][fault-X12]") {
  server_statistics book = made(1);
  book.on_edns(0, outcome::answered_without, start);
  CHECK(book.use_edns(0, start));
  SECTION("an answer with EDNS between: those were losses") {
    book.on_edns(0, outcome::answered, start);
    for (int i = 0; i < 5; ++i) book.on_edns(0, outcome::answered_without, start + 1min);
    CHECK(book.use_edns(0, start + 1min));
    SECTION("for 15 minutes") {
      for (int i = 0; i < 2; ++i) book.on_edns(0, outcome::answered_without, start + 16min);
      CHECK_FALSE(book.use_edns(0, start + 16min));
    }
  }
  SECTION("twice") {
    book.on_edns(0, outcome::answered_without, start);
    CHECK_FALSE(book.use_edns(0, start));
    CHECK(book.use_edns(0, start + 15min));
    book.on_edns(0, outcome::answered_without, start + 15min);
    CHECK(book.use_edns(0, start + 15min));
  }
}

TEST_CASE("server_statistics: who loses the letter case twice in a row is not held to it for 15 minutes",
          "[transport][rule-5]") {
  server_statistics book = made(1);
  book.on_case(0, false, start);
  book.on_case(0, true, start);
  book.on_case(0, false, start);
  CHECK_FALSE(book.loses_case(0, start));
  book.on_case(0, false, start);
  CHECK(book.loses_case(0, start + 14min));
  CHECK_FALSE(book.loses_case(0, start + 15min));
}

TEST_CASE("server_statistics: what is known about a server goes with it into another set", "[transport]") {
  server_statistics before = made(2);
  measure(before, 1, 70ms, start);
  before.on_refusal(1, start);
  server_statistics after = made(3);
  after.take_over(2, before, 1);
  CHECK(after.round_trip(2, start) == 70ms);
  CHECK(order(after, start) == std::vector<std::size_t>{0, 1, 2});
  CHECK(after.is_demoted(2));
  CHECK_FALSE(after.is_demoted(1));
}
