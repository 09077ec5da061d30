#include "unit/transport/stream_pool_scene.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <set>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

using ints = std::vector<int>;

TEST_CASE("stream_pool: queries to a server share one stream, written before it is open",
          "[transport][rfc7766][rfc-check-57]") {
  pool_scene s;
  s.ask(1);
  s.ask(2);
  s.open(1);
  s.ask(3);
  CHECK(s.opened() == 1);
  CHECK(s.on(1) == ints{1, 2, 3});
  CHECK(s.pool.has_open_stream(0));

  s.ask(4, 1);
  CHECK(s.opened() == 2);
  CHECK(s.net.streams.at(2).server == 1);
  CHECK_FALSE(s.pool.has_open_stream(1));
}

TEST_CASE("stream_pool: replies in any order find their queries by ID", "[transport][rfc7766][rfc-check-57]") {
  pool_scene s;
  for (const int query : {1, 2, 3}) s.ask(query);
  s.open(1);
  CHECK(s.answer(1, 2) == 3U);
  CHECK(s.answer(1, 0) == 1U);
  CHECK(s.answer(1, 1) == 2U);
  CHECK(s.failures().empty());
  CHECK_FALSE(s.is_closed(1));
}

TEST_CASE("stream_pool: an ID under way is not drawn again on its stream", "[transport][rfc7766]") {
  pool_scene s;
  s.ids_to_draw = {7, 0xffff, 0xffff, 7, 7};  // taken from the back
  for (const int query : {1, 2, 3, 4}) s.ask(query);
  s.ask(5, 1);
  CHECK(s.id_on(1, 0) == 7);
  CHECK(s.id_on(1, 1) == 8);
  CHECK(s.id_on(1, 2) == 0xffff);
  CHECK(s.id_on(1, 3) == 0);  // the ID wraps to the first
  CHECK(s.id_on(2, 0) == 7);  // another stream
}

TEST_CASE("stream_pool: one stream serves ten thousand queries", "[transport][rfc7766][fault-X27]") {
  pool_scene s;
  for (std::uint64_t query = 1; query <= 10000; ++query) {
    s.ask(query);
    if (query == 1) s.open(1);
    REQUIRE(s.answer(1, query - 1) == query);
    s.pass(1ms);
  }
  CHECK(s.opened() == 1);
}

TEST_CASE("stream_pool: no more than the limit are under way at once, the rest waits its turn", "[transport]") {
  pool_scene s({.max_outstanding = 2});
  for (const int query : {1, 2, 3, 4}) s.ask(query);
  s.open(1);
  CHECK(s.on(1) == ints{1, 2});
  CHECK(s.answer(1, 1) == 2U);
  CHECK(s.on(1) == ints{1, 2, 3});
  s.pool.give_up(4, s.now);
  CHECK(s.answer(1, 0) == 1U);
  CHECK(s.on(1) == ints{1, 2, 3});
  CHECK(s.opened() == 1);
}

TEST_CASE("stream_pool: a second stream is opened when it may and the first is full", "[transport][rfc7766]") {
  pool_scene s({.streams_per_server = 2, .max_outstanding = 2});
  for (const int query : {1, 2, 3, 4, 5}) s.ask(query);
  CHECK(s.on(1) == ints{1, 2});
  CHECK(s.on(2) == ints{3, 4});
  s.open(1);
  s.open(2);
  CHECK(s.answer(2, 0) == 3U);
  CHECK(s.on(2) == ints{3, 4, 5});
}

TEST_CASE("stream_pool: an idle stream is used again within ten seconds and closed after", "[transport][rfc7766]") {
  pool_scene s;
  s.ask(1);
  CHECK_FALSE(s.pool.idle_deadline());
  s.open(1);
  s.answer(1, 0);
  CHECK_FALSE(s.pool.deadline());  // it needs no wake-up
  CHECK(s.pool.idle_deadline() == s.now + 10s);

  s.pass(9999ms);
  s.ask(2);
  CHECK(s.opened() == 1);
  CHECK(s.pool.deadline() == s.now + 2s);
  s.answer(1, 1);

  s.pass(10s);
  CHECK(s.is_closed(1));
  CHECK_FALSE(s.pool.idle_deadline());
}

TEST_CASE("stream_pool: an idle stream past its time is not used, even if no timer told so",
          "[transport][rfc7766][fault-X30]") {
  pool_scene s;
  s.ask(1);
  s.open(1);
  s.answer(1, 0);
  s.now += 5h;
  s.ask(2);
  CHECK(s.is_closed(1));
  CHECK(s.on(2) == ints{2});
}

TEST_CASE("stream_pool: the reply to a query given up is dropped, and the stream goes on", "[transport][rfc7766]") {
  pool_scene s;
  for (const int query : {1, 2}) s.ask(query);
  s.open(1);
  s.pool.give_up(1, s.now);
  s.ids_to_draw = {s.id_on(1, 0)};
  s.ask(3);
  CHECK(s.id_on(1, 2) != s.id_on(1, 0));  // still owed
  CHECK_FALSE(s.answer(1, 0));
  CHECK(s.answer(1, 1) == 2U);
  CHECK(s.answer(1, 2) == 3U);
  CHECK(s.opened() == 1);
  CHECK(s.failures().empty());
  s.pool.give_up(99, s.now);  // unknown query
}

TEST_CASE("stream_pool: a stream that owes only what nobody wants is closed", "[transport]") {
  pool_scene s;
  SECTION("the last query is given up") {
    s.ask(1);
    s.open(1);
    s.pool.give_up(1, s.now);
  }
  SECTION("before it was open") {
    s.ask(1);
    s.pool.give_up(1, s.now);
  }
  SECTION("the last wanted one is answered") {
    s.ask(1);
    s.ask(2);
    s.open(1);
    s.pool.give_up(1, s.now);
    CHECK(s.answer(1, 1) == 2U);
  }
  CHECK(s.is_closed(1));
  CHECK_FALSE(s.pool.deadline());
  CHECK(s.failures().empty());
  s.ask(3);
  CHECK(s.on(2) == ints{3});
}

TEST_CASE("stream_pool: what a closed stream still says is nobody's", "[transport]") {
  pool_scene s;
  s.ask(1);
  s.pool.give_up(1, s.now);
  s.open(1);
  CHECK_FALSE(s.answer(1, 0));
  s.pool.on_stream_closed(1, errc::query_timed_out, s.now);
  CHECK(s.failures().empty());
  CHECK_FALSE(s.pool.has_open_stream(0));
}

TEST_CASE("stream_pool: an idle timeout of max() is no limit", "[transport][fault-O36]") {
  pool_scene s({.idle_timeout = std::chrono::milliseconds::max()});
  s.ask(1);
  s.open(1);
  REQUIRE(s.answer(1, 0) == 1U);
  s.pass(24h * 365);
  CHECK_FALSE(s.is_closed(1));
  s.ask(2);
  CHECK(s.opened() == 1);
}

}  // namespace
