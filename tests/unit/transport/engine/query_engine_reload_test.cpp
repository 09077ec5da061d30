// Streams, zone files and changes of servers while questions are in progress.
#include "unit/transport/engine_scene.hpp"

#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

std::vector<name_server> servers_of(std::initializer_list<std::uint8_t> last) {
  std::vector<name_server> out;
  for (const std::uint8_t one : last) out.push_back(engine_scene::server(one));
  return out;
}

}  // namespace

TEST_CASE("query engine: truncated answers are asked for on one stream, replies in any order",
          "[transport][rfc7766][rfc-check-53][rfc-check-57][fault-X7]") {
  engine_scene s(1);
  for (std::size_t i = 0; i < 3; ++i) s.ask(i);
  for (std::size_t i = 0; i < 3; ++i) s.deliver(s.net.sent[i].from, reply_to(s.net.sent[i].message).tc().bytes());
  REQUIRE(s.net.streams.size() == 1);
  auto& [id, stream] = *s.net.streams.begin();
  REQUIRE(stream.written.size() == 3);
  s.engine().on_stream_open(id, s.now);
  for (const std::size_t i : {2U, 0U, 1U}) {
    octets reply = s.answer_to(stream.written[i]);
    s.engine().on_stream_message(id, reply, s.now);
    s.collect();
    REQUIRE_FALSE(s.done.back().result.report.status);
    CHECK(s.done.back().result.report.asked == s.numbered(i));
  }
  CHECK(s.net.streams.size() == 1);
  s.ask(3);
  s.deliver(s.net.sent.back().from, reply_to(s.net.sent.back().message).tc().bytes());
  CHECK(s.net.streams.size() == 1);
  CHECK(stream.written.size() == 4);
}

TEST_CASE("query engine: a stream that fails takes only its own questions with it",
          "[transport][fault-X22][fault-X26]") {
  engine_scene s;
  s.ask(0);
  s.ask(1);
  s.deliver(s.net.sent[0].from, reply_to(s.net.sent[0].message).tc().bytes());
  const network::stream_id id = s.net.streams.begin()->first;
  s.net.streams.clear();
  s.engine().on_stream_closed(id, make_error_code(boost::system::errc::connection_refused), s.now);
  s.collect();
  CHECK(s.done.empty());
  REQUIRE(s.net.sent.size() == 3);
  CHECK(s.net.sent[2].server == 1);
  s.answer(s.net.sent[2]);
  s.answer(s.net.sent[1]);
  REQUIRE(s.done.size() == 2);
  CHECK_FALSE(s.status(0));
  CHECK_FALSE(s.status(1));
}

TEST_CASE("query engine: a stream that was not connected in time is told from one that was silent",
          "[transport][fault-O2][fault-X8]") {
  engine_scene s(1);
  const bool is_connected = GENERATE(true, false);
  // The second lasts longer than the patience with one stream.
  const auto life = GENERATE(1s, 10s);
  s.ask(0, life);
  s.deliver(s.net.sent[0].from, reply_to(s.net.sent[0].message).tc().bytes());
  if (is_connected) s.engine().on_stream_open(s.net.streams.begin()->first, s.now);
  s.expire_all();
  REQUIRE(s.done.size() == 1);
  CHECK(s.status(0) == errc::truncated_no_tcp);
  const auto& attempts = s.done[0].result.report.attempts;
  REQUIRE(attempts.size() >= 2);
  const error_code unconnected = make_error_code(boost::system::errc::timed_out);
  CHECK(attempts[1].result == (is_connected ? error_code(errc::query_timed_out) : unconnected));
}

TEST_CASE("query engine: a zone file's reply that comes after the end is dropped", "[transport]") {
  engine_scene s(0);
  const auto file = std::make_shared<const zone>(*zone::parse("$ORIGIN example.com.\n@ 60 SOA ns h 1 2 3 4 5\n"));
  s.with.servers.sets[0].servers.push_back(name_server::of(file, "file:test"));
  const auto first = s.ask(0);
  REQUIRE(s.net.files.size() == 1);
  s.cancel(first);
  s.ask(1);
  REQUIRE(s.net.files.size() == 2);
  s.engine().on_file_reply(s.net.files[0].query, s.answer_to(s.net.files[0].message), s.now);
  s.collect();
  CHECK(s.done.size() == 1);
  s.engine().on_file_reply(s.net.files[1].query, s.answer_to(s.net.files[1].message), s.now);
  s.collect();
  REQUIRE(s.done.size() == 2);
  CHECK_FALSE(s.status(1));
}

TEST_CASE("query engine: questions under way end with the servers they began with, new ones ask the new",
          "[transport][fault-C15]") {
  engine_scene s(1);
  s.ask(0);
  const auto before = s.net.sent[0];
  server_registry::options now = s.with.servers;
  now.sets[0].servers = servers_of({9});
  s.engine().replace_servers(now);
  s.ask(1);
  REQUIRE(s.net.sent.size() == 2);
  CHECK(s.net.sent[1].server == 1);
  CHECK(s.engine().servers().server(1)->label == "192.0.2.9#53");
  s.answer(s.net.sent[1]);
  CHECK(s.net.sockets.contains(before.from));
  s.answer(before);
  REQUIRE(s.done.size() == 2);
  CHECK(s.done[1].result.report.server == "192.0.2.1#53");
  CHECK_FALSE(s.net.sockets.contains(before.from));  // no query will go to that server any more
  CHECK(s.engine().servers().server(0) == nullptr);
}

TEST_CASE("query engine: a reload that changes nothing keeps sockets, streams and what is known", "[transport]") {
  engine_scene s(2);
  s.ask(0);
  s.fail(s.net.sent[0].from, boost::system::errc::connection_refused);
  s.answer(s.net.sent[1]);
  const auto sockets = s.net.sockets.size();
  s.engine().replace_servers(s.with.servers);
  s.engine().replace_servers(s.with.servers);
  CHECK(s.net.sockets.size() == sockets);
  s.ask(1);
  CHECK(s.net.sent.back().server == 1);  // the engine still knows that the first is down
}

TEST_CASE("query engine: a server in several sets has one number; the longest domain counts", "[transport]") {
  engine_scene s(2);
  s.with.servers.sets.push_back({name::from_text("example.com").value(), servers_of({2, 3})});
  s.ask(0);
  CHECK(s.net.sent[0].server == 1);
  CHECK(s.engine().servers().size() == 3);
}

TEST_CASE("query engine: after a change of networks nothing new goes over what was open", "[transport][fault-C14]") {
  engine_scene s(1);
  s.ask(0);
  const auto before = s.net.sent[0];
  s.ask(1);
  s.deliver(s.net.sent[1].from, reply_to(s.net.sent[1].message).tc().bytes());
  const network::stream_id stream = s.net.streams.begin()->first;
  s.engine().reset_connections(s.now);
  CHECK_FALSE(s.net.streams.contains(stream));
  REQUIRE(s.net.streams.size() == 1);
  CHECK(s.net.streams.begin()->second.written.size() == 1);  // sent again
  CHECK(s.net.sockets.size() == 1);                          // the one that owes a reply
  s.ask(2);
  CHECK(s.net.sent.back().from != before.from);
  s.answer(before);
  CHECK(s.done.size() == 1);
  CHECK_FALSE(s.net.sockets.contains(before.from));
}
