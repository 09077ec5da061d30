#include "net/tls/client_stream.hpp"
#include "unit/transport/stream_pool_scene.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <map>
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

TEST_CASE("stream_pool: queries of a stream that ended before any answer go to a fresh one",
          "[transport][rfc7766][fault-O4]") {
  const error_code why =
      GENERATE(as<error_code>(), closed_unanswered(), error::connection_reset, errc::malformed_message);
  const bool was_open = GENERATE(true, false);  // not open: the end came in the TLS handshake
  CAPTURE(why.message(), was_open);
  pool_scene s;
  for (const int query : {1, 2}) s.ask(query);
  if (was_open) s.open(1);
  s.end(1, why);
  CHECK(s.failures().empty());
  s.open(2);
  CHECK(s.answer(2, 0) == 1U);
  CHECK(s.answer(2, 1) == 2U);
  CHECK(s.opened() == 2);
}

TEST_CASE("stream_pool: four streams in a row without any answer fail what waits for them, however much that is",
          "[transport][rfc7766][fault-O4]") {
  pool_scene s({.max_outstanding = 2});
  for (const int query : {1, 2, 3}) s.ask(query);
  for (network::stream_id stream = 1; stream <= 4; ++stream) {
    CHECK(s.failures().empty());
    s.open(stream);
    s.end(stream, error::connection_reset);
  }
  CHECK(s.failures().size() == 3);
  CHECK(s.opened() == 4);
  s.ask(4);  // gets four streams again
  s.end(5, error::connection_reset);
  CHECK(s.opened() == 6);
}

TEST_CASE("stream_pool: a failure that lasts is one at once", "[transport][fault-O4]") {
  const error_code why = GENERATE(as<error_code>(), error::connection_refused, error::host_unreachable,
                                  error::network_unreachable, errc::not_authenticated);
  CAPTURE(why.message());
  pool_scene s;
  s.ask(1);
  s.end(1, why);
  CHECK(s.failures() == failed{{1, why}});
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
  CHECK(streams <= 5);
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

TEST_CASE("stream_pool: a reply nobody asked for is dropped, and the stream goes on",
          "[transport][rfc7766][fault-O5][fault-W30]") {
  bool is_about_it = true;
  used_stream s({.matches = [&](auto, auto) { return is_about_it; }});
  s.ask(2);
  s.pass(1s);
  CHECK_FALSE(s.answer(1, 0));  // a repeated reply to query 1
  octets nothing(1);
  CHECK_FALSE(s.pool.on_stream_message(1, nothing, s.now).was_owed);
  is_about_it = false;
  CHECK_FALSE(s.answer(1, 1));  // the right ID, another question
  CHECK(s.pool.deadline() == s.now + 1s);
  is_about_it = true;
  CHECK(s.answer(1, 1) == 2U);
  CHECK(s.failures().empty());
  CHECK(s.opened() == 1);
}

TEST_CASE("stream_pool: a stream with a hundred odd messages is ended", "[transport][rfc7766][fault-O5]") {
  used_stream s;
  s.ask(2);
  for (int i = 0; i < 99; ++i) CHECK_FALSE(s.answer(1, 0));
  CHECK_FALSE(s.is_closed(1));
  CHECK_FALSE(s.answer(1, 0));
  CHECK(s.is_closed(1));
  CHECK(s.on(2) == ints{2});
}

TEST_CASE("stream_pool: a stream that is not open in time has stalled: it still counts, and takes no more queries",
          "[transport][fault-X22][fault-X29][fault-O2]") {
  pool_scene s;
  s.ask(1);
  CHECK(s.pool.is_connecting(1));
  CHECK(s.pool.deadline() == s.now + 3s);
  s.pass(2999ms);
  CHECK(s.stalled().empty());
  s.pass(1ms);
  CHECK(s.stalled() == std::vector<stream_pool::query_id>{1});
  CHECK(s.failures().empty());
  CHECK_FALSE(s.pool.deadline());
  s.ask(2);
  CHECK(s.on(2) == ints{2});
  s.open(1);
  CHECK_FALSE(s.pool.is_connecting(1));
  CHECK(s.answer(1, 0) == 1U);
  CHECK(s.is_closed(1));
  CHECK_FALSE(s.is_closed(2));
}

TEST_CASE("stream_pool: a stream that owes a message for two seconds has stalled",
          "[transport][rfc7766][fault-X22][fault-X29][fault-O2]") {
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
  CHECK(s.stalled() == std::vector<stream_pool::query_id>{1});
  CHECK(s.failures().empty());
  CHECK(s.answer(2, 1) == 8U);  // other streams are not affected
  s.ask(2);
  CHECK(s.on(3) == ints{2});
  CHECK(s.answer(1, 0) == 1U);
}

TEST_CASE("stream_pool: queries that wait for a place on a stalled stream get another one", "[transport][fault-X22]") {
  pool_scene s({.max_outstanding = 1});
  for (const int query : {1, 2}) s.ask(query);
  s.open(1);
  s.pass(2s);
  CHECK(s.on(2) == ints{2});
  CHECK(s.stalled() == std::vector<stream_pool::query_id>{1});
  SECTION("its end moves its queries") {
    s.end(1, closed_unanswered());
    s.open(2);
    CHECK(s.answer(2, 0) == 2U);
    CHECK(s.on(2) == ints{2, 1});
  }
  SECTION("it is closed when its queries are given up") {
    s.pool.give_up(1, s.now);
    CHECK(s.is_closed(1));
  }
  SECTION("a restart leaves it too") {
    s.pool.restart(s.now);
    CHECK(s.is_closed(1));
    CHECK(s.on(3) == ints{1});
  }
}

TEST_CASE("stream_pool: of the stalled streams of a server the latest eight stay", "[transport][fault-O2]") {
  const bool are_open = GENERATE(true, false);
  pool_scene s;
  for (int query = 1; query <= 9; ++query) {
    s.ask(query);
    if (are_open) s.open(static_cast<network::stream_id>(s.opened()));
    s.pass(are_open ? 2s : 3s);
    CHECK(s.stalled().size() == 1);
  }
  CHECK(s.is_closed(1));
  const error_code why = are_open ? error_code(errc::query_timed_out) : make_error_code(boost::system::errc::timed_out);
  CHECK(s.failures() == failed{{1, why}});
  CHECK_FALSE(s.is_closed(2));
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
        CHECK_FALSE(s.pool.on_stream_message(alive->first, foreign, s.now).was_owed);
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
  std::map<network::stream_id, std::size_t> replies;
  for (int round = 0; round < 12; ++round) {
    inject();
    const auto streams = s.net.streams;
    for (const auto& [id, was] : streams) {
      s.open(id);
      if (replies[id] == was.written.size() || s.is_closed(id)) continue;
      if (const auto query = s.answer(id, replies[id]++)) ++ends[*query];
      collect();
    }
  }
  collect();
  s.pass(10s);
  s.pass(10s);
  collect();

  CHECK(std::vector<int>(ends.begin() + 1, ends.end()) == std::vector<int>(6, 1));
  CHECK_FALSE(s.pool.deadline());
  CHECK_FALSE(s.pool.idle_deadline());
  CHECK(std::ranges::all_of(s.net.streams, [](const auto& one) { return one.second.is_closed; }));
}

}  // namespace
