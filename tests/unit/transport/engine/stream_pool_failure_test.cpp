#include "unit/transport/stream_pool_scene.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

namespace error = boost::asio::error;

using ints = std::vector<int>;
using failed = std::vector<std::pair<stream_pool::query_id, error_code>>;

/// One stream that has answered query 1.
struct used_stream : pool_scene {
  explicit used_stream(stream_pool::options with = {}) : pool_scene(std::move(with)) {
    ask(1);
    open(1);
    REQUIRE(answer(1, 0) == 1U);
  }
};

TEST_CASE("stream_pool: without a descriptor the query is not taken", "[transport][fault-X20][fault-X27]") {
  pool_scene s;
  s.net.cannot_open = error::no_descriptors;
  CHECK(s.try_ask(1) == error::no_descriptors);
  CHECK(s.failures().empty());
  s.net.cannot_open = {};
  s.ask(1);
  CHECK(s.on(1) == ints{1});
}

TEST_CASE("stream_pool: a stream that cannot be opened fails its queries and those that wait", "[transport]") {
  pool_scene s({.max_outstanding = 2});
  for (const int query : {1, 2, 3}) s.ask(query);
  s.end(1, error::connection_refused);
  CHECK(s.failures() ==
        failed{{1, error::connection_refused}, {2, error::connection_refused}, {3, error::connection_refused}});
  CHECK(s.opened() == 1);
}

TEST_CASE("stream_pool: a stream that never answered fails its queries", "[transport][rfc7766]") {
  pool_scene s;
  for (const int query : {1, 2}) s.ask(query);
  s.open(1);
  s.end(1, error::eof);
  CHECK(s.failures() == failed{{1, error::eof}, {2, error::eof}});
  CHECK(s.opened() == 1);
}

TEST_CASE("stream_pool: queries of a stream that had answered go to a fresh one",
          "[transport][rfc7766][rfc-check-57][fault-X26][fault-X30]") {
  const error_code why = GENERATE(as<error_code>(), error::eof, error::connection_reset, error::broken_pipe,
                                  error::connection_aborted, errc::malformed_message);
  CAPTURE(why.message());
  used_stream s;
  for (const int query : {2, 3}) s.ask(query);
  s.end(1, why);
  CHECK(s.failures().empty());
  CHECK(s.on(2) == ints{2});  // one query at a time: the server may accept no more
  s.open(2);
  CHECK(s.answer(2, 0) == 2U);
  CHECK(s.on(2) == ints{2, 3});
  CHECK(s.answer(2, 1) == 3U);
}

TEST_CASE("stream_pool: the fresh stream failing too is a failure", "[transport][rfc7766]") {
  used_stream s;
  for (const int query : {2, 3}) s.ask(query);
  s.end(1, error::eof);
  s.end(2, error::connection_refused);
  CHECK(s.failures() == failed{{2, error::connection_refused}, {3, error::connection_refused}});
  s.ask(4);
  CHECK(s.on(3) == ints{4});
}

TEST_CASE("stream_pool: without a descriptor for the fresh stream its queries fail", "[transport][fault-X20]") {
  used_stream s;
  for (const int query : {2, 3}) s.ask(query);
  s.net.cannot_open = error::no_descriptors;
  s.end(1, error::eof);
  CHECK(s.failures() == failed{{2, error::no_descriptors}, {3, error::no_descriptors}});
}

TEST_CASE("stream_pool: a server that closes after each reply answers every query", "[transport][rfc7766]") {
  pool_scene s;
  constexpr int count = 20;
  std::vector<stream_pool::query_id> answered;
  for (int query = 1; query <= count; ++query) s.ask(query);
  for (network::stream_id stream = 1; stream <= s.opened(); ++stream) {
    s.open(stream);
    if (const auto query = s.answer(stream, 0)) answered.push_back(*query);
    s.end(stream, error::eof);
  }
  CHECK(s.failures().empty());
  REQUIRE(answered.size() == count);
  CHECK(std::ranges::is_sorted(answered));
}

TEST_CASE("stream_pool: a query on which streams end is given up after three moves", "[transport]") {
  pool_scene s;
  for (int query = 1; query <= 9; ++query) s.ask(query);
  // The server crashes on query 2 and answers the others.
  std::size_t streams = 0;
  for (network::stream_id stream = 1; stream <= s.opened(); ++stream) {
    s.open(stream);
    for (std::size_t n = 0; n < s.net.streams.at(stream).written.size(); ++n) {
      if (s.net.streams.at(stream).written[n].back() == 2) {
        s.end(stream, error::connection_reset);
        break;
      }
      s.answer(stream, n);
    }
    ++streams;
  }
  const failed ends = s.failures();
  REQUIRE(ends.size() == 1);
  CHECK(ends[0].first == 2);
  CHECK(streams <= 4);
  CHECK_FALSE(s.pool.deadline());
}

TEST_CASE("stream_pool: pipelining comes back where it works", "[transport][rfc7766]") {
  used_stream s({.max_outstanding = 8});
  for (int query = 2; query <= 9; ++query) s.ask(query);
  s.end(1, error::eof);
  s.open(2);
  CHECK(s.on(2).size() == 1);
  s.answer(2, 0);
  CHECK(s.on(2).size() == 2);
  s.answer(2, 1);
  CHECK(s.on(2).size() == 4);
  s.answer(2, 2);
  CHECK(s.on(2).size() == 7);
}

TEST_CASE("stream_pool: a reply nobody asked for ends the stream, its queries go on", "[transport][rfc7766]") {
  used_stream s;
  s.ask(2);
  CHECK_FALSE(s.answer(1, 0));  // a repeated reply to query 1
  CHECK(s.is_closed(1));
  CHECK(s.failures().empty());
  CHECK(s.on(2) == ints{2});
}

TEST_CASE("stream_pool: a message too short to have an ID ends the stream", "[transport][fault-W30]") {
  pool_scene s;
  s.ask(1);
  s.open(1);
  octets nothing(1);
  CHECK_FALSE(s.pool.on_stream_message(1, nothing, s.now));
  CHECK(s.failures() == failed{{1, errc::malformed_message}});
  CHECK(s.is_closed(1));
}

TEST_CASE("stream_pool: connecting and handshake end at their deadline", "[transport][fault-X22][fault-X29]") {
  pool_scene s;
  s.ask(1);
  CHECK(s.pool.deadline() == s.now + 3s);
  s.pass(2999ms);
  s.ask(2);
  CHECK(s.failures().empty());
  s.pass(1ms);
  CHECK(s.failures() == failed{{1, errc::query_timed_out}, {2, errc::query_timed_out}});
  CHECK(s.is_closed(1));
  CHECK_FALSE(s.pool.deadline());
}

TEST_CASE("stream_pool: a stream that owes a message for two seconds has stalled",
          "[transport][rfc7766][fault-X22][fault-X29]") {
  // After two octets, in the middle of a message or after the handshake: the only criterion is that
  // no message was complete.
  pool_scene s;
  s.ask(1);
  s.ask(9, 1);
  s.pass(1s);
  s.open(1);
  s.open(2);
  s.pass(1s);
  CHECK(s.answer(2, 0) == 9U);
  s.pass(999ms);
  CHECK(s.failures().empty());
  s.ask(8, 1);
  s.pass(1ms);
  CHECK(s.failures() == failed{{1, errc::query_timed_out}});
  CHECK(s.is_closed(1));
  CHECK_FALSE(s.is_closed(2));  // other streams are not affected
  CHECK(s.answer(2, 1) == 8U);
}

TEST_CASE("stream_pool: a query that waited less than the stall moves on", "[transport][fault-X22]") {
  used_stream s;
  s.ask(2);
  s.pass(1500ms);
  s.ask(3);
  s.pass(500ms);
  CHECK(s.failures() == failed{{2, errc::query_timed_out}});
  CHECK(s.on(2) == ints{3});
  s.open(2);
  CHECK(s.answer(2, 0) == 3U);
}

TEST_CASE("stream_pool: every message received gives the next one its two seconds", "[transport][fault-X22]") {
  pool_scene s;
  for (const int query : {1, 2, 3}) s.ask(query);
  s.open(1);
  for (const std::size_t n : {0, 1, 2}) {
    s.pass(1900ms);
    CHECK(s.answer(1, n));
  }
  CHECK(s.failures().empty());
}

TEST_CASE("stream_pool: a refusal followed by the end is a reply and no failure", "[transport][fault-X25]") {
  pool_scene s;
  s.ask(1);
  s.open(1);
  CHECK(s.answer(1, 0) == 1U);
  s.end(1, error::eof);
  CHECK(s.failures().empty());
  CHECK(s.opened() == 1);
  s.ask(2);
  CHECK(s.on(2) == ints{2});
}

// At whichever step a failure occurs, each query ends once: answered, failed or given up.
TEST_CASE("stream_pool: every query ends once, whichever step fails", "[transport]") {
  const auto step = GENERATE(range(0, 14));
  const auto fault = GENERATE(range(0, 4));
  CAPTURE(step, fault);
  pool_scene s({.streams_per_server = 2, .max_outstanding = 2});
  std::vector<int> ends(7);
  int steps = 0;
  const auto collect = [&] {
    for (const auto& [query, ec] : s.failures()) ++ends[query];
  };
  const auto inject = [&] {
    if (steps++ != step) return;
    const auto alive = std::ranges::find_if(s.net.streams, [](const auto& one) { return !one.second.is_closed; });
    if (fault == 3) s.net.cannot_open = error::no_descriptors;
    if (alive != s.net.streams.end()) {
      if (fault == 0) s.end(alive->first, error::connection_reset);
      if (fault == 1) {
        octets foreign(12, 0xee);
        CHECK_FALSE(s.pool.on_stream_message(alive->first, foreign, s.now));
      }
      if (fault == 3) s.end(alive->first, error::eof);
    }
    if (fault == 2) s.pass(3s);
    collect();
  };

  for (const std::uint64_t query : {1, 2, 3, 4, 5, 6}) {
    if (s.try_ask(query)) ++ends[query];
    inject();
  }
  s.pool.give_up(5, s.now);
  if (ends[5] == 0) ++ends[5];
  for (int round = 0; round < 8; ++round) {
    inject();
    const auto streams = s.net.streams;
    for (const auto& [id, was] : streams) {
      s.open(id);
      for (std::size_t n = static_cast<std::size_t>(round); n < was.written.size() && !s.is_closed(id); ++n) {
        if (const auto query = s.answer(id, n)) ++ends[*query];
        break;
      }
      collect();
    }
  }
  s.pass(10s);
  s.pass(10s);
  collect();

  CHECK(std::vector<int>(ends.begin() + 1, ends.end()) == std::vector<int>(6, 1));
  CHECK_FALSE(s.pool.deadline());
  CHECK_FALSE(s.pool.idle_deadline());
  CHECK(std::ranges::all_of(s.net.streams, [](const auto& one) { return one.second.is_closed; }));
}

}  // namespace
