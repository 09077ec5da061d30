// The numbered rules of exchange.hpp, one after the other.
#include "unit/transport/exchange_scene.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <set>
#include <string>
#include <tuple>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::test;
using namespace std::chrono_literals;

TEST_CASE("exchange: servers are asked in turn, with a timeout that doubles with each turn", "[transport][rule-1]") {
  exchange_scene s(2);
  exchange e = s.make();
  auto action = e.start(s.now);
  std::vector<std::tuple<std::size_t, std::chrono::milliseconds>> turns;
  while (action.what == step::send_udp) {
    turns.emplace_back(action.server, std::chrono::duration_cast<std::chrono::milliseconds>(action.until - s.now));
    s.now = action.until;
    action = e.on_timer(s.now);
  }
  CHECK(turns ==
        decltype(turns){{0, 1s}, {1, 1s}, {0, 2s}, {1, 2s}, {0, 4s}, {1, 4s}, {0, 8s}, {1, 8s}, {0, 16s}, {1, 14s}});
  CHECK(s.now == s.with.deadline);
  CHECK(action.what == step::done);
  CHECK(e.status() == errc::timed_out);
  const query_result result = e.take_result();
  CHECK(result.report.server.empty());
  REQUIRE(result.report.attempts.size() == turns.size());
  for (const query_attempt& attempt : result.report.attempts) CHECK(attempt.result == errc::timed_out);
  CHECK(result.report.attempts[2].elapsed == 2s);
}

TEST_CASE("exchange: a repetition at the same server is no new turn and keeps the timeout", "[transport][rule-1]") {
  exchange_scene s(1);
  exchange e = s.make();
  auto action = e.start(s.now);
  SECTION("over TCP after truncation") { action = e.on_datagram(s.truncated_for(e), s.now); }
  SECTION("without EDNS") { action = e.on_datagram(s.rcode_for(e, rcode::formerr), s.now); }
  SECTION("after a pause for want of descriptors") {
    action = e.on_local_failure(boost::asio::error::no_descriptors, s.now);
    s.now = action.until;
    action = e.on_timer(s.now);
  }
  CHECK(action.server == 0);
  CHECK(action.until == s.now + 1s);
}

TEST_CASE("exchange: the first server is the one that rotation says", "[transport][rule-1]") {
  exchange_scene s(3);
  s.with.first_server = 7;
  exchange e = s.make();
  CHECK(e.start(s.now).server == 1);
  CHECK(e.on_network_failure(boost::asio::error::connection_refused, s.now).server == 2);
  CHECK(e.on_network_failure(boost::asio::error::connection_refused, s.now).server == 0);
}

TEST_CASE("exchange: a datagram that does not match is counted and the wait goes on",
          "[transport][rfc5452][rfc-check-54][rule-2][fault-X1][fault-X5][fault-W1][fault-W2]") {
  exchange_scene s(1);
  exchange e = s.make();
  const auto began = e.start(s.now);
  const auto query = e.query();
  const octets good = s.data_for(e);
  const auto named = [&](const char* qname, rr_type type, unsigned qclass) {
    return message_builder(id_of(query)).response().question(qname, type, static_cast<int>(qclass)).bytes();
  };
  const std::vector<std::pair<const char*, octets>> forged{
      {"nothing", {}},
      {"half a header", octets(good.begin(), good.begin() + 11)},
      {"our own query", octets(query.begin(), query.end())},
      {"another ID", reply_to(query).bytes()},
      {"another name", named("_y._tcp.example.com", rr_type::srv, 1)},
      {"another type", named("_x._tcp.example.com", rr_type::a, 1)},
      {"another class", named("_x._tcp.example.com", rr_type::srv, 3)},
      {"two questions", reply_to(query).question("_x._tcp.example.com", rr_type::srv).bytes()},
      {"no question, but data", headless_reply_to(query).bytes()},
      {"another opcode", reply_to(query).opcode(4).bytes()},
      {"counts that cannot fit", reply_to(query).counts(1, 65535, 0, 0).bytes()},
      {"a record cut short", reply_to(query).counts(1, 1, 0, 0).raw(octets(11, 0xC0)).bytes()},
  };
  for (auto [what, message] : forged) {
    INFO(what);
    if (std::string(what) == "another ID") message[1] ^= 1;
    const auto action = e.on_datagram(message, s.now += 1ms);
    CHECK(action.what == step::wait);
    CHECK(action.until == began.until);
  }
  CHECK(e.on_datagram(good, s.now).what == step::done);
  CHECK_FALSE(e.status());
  const query_result result = e.take_result();
  REQUIRE(result.report.attempts.size() == 1);
  CHECK(result.report.attempts[0].discarded == forged.size());
  CHECK(result.report.server == "s0");
  CHECK(result.report.record_count == 1);
}

TEST_CASE("exchange: a reply to an earlier ID is late and dropped", "[transport][rfc5452][rfc-check-54][fault-X16]") {
  exchange_scene s(1);
  exchange e = s.make();
  auto action = e.start(s.now);
  const octets late = s.data_for(e);
  action = e.on_timer(s.now = action.until);
  REQUIRE(action.what == step::send_udp);
  CHECK(e.on_datagram(late, s.now).what == step::wait);
}

TEST_CASE("exchange: letter case of the echoed question does not matter", "[transport][rfc4343][fault-N1]") {
  exchange_scene s(1);
  exchange e = s.make();
  (void)e.start(s.now);
  const octets reply = message_builder(1)
                           .response()
                           .question("_X._TCP.Example.COM", rr_type::srv)
                           .answer("_X._tcp.EXAMPLE.com", rr_type::srv, 60, rdata_srv(0, 0, 80, "h"))
                           .bytes();
  CHECK(e.on_datagram(reply, s.now).what == step::done);
  CHECK_FALSE(e.status());
}

TEST_CASE("exchange: of a truncated datagram nothing is used, the same server is asked over TCP",
          "[transport][rfc2181][rfc7766][rfc-check-53][rule-3][fault-X7]") {
  exchange_scene s(2);
  exchange e = s.make();
  (void)e.start(s.now);
  const auto action = e.on_datagram(s.truncated_for(e), s.now += 5ms);
  CHECK(action.what == step::send_tcp);
  CHECK(action.server == 0);
  CHECK(e.over() == dns_transport::tcp);
  CHECK(id_of(e.query()) == 2);
  CHECK(e.on_datagram(s.data_for(e), s.now).what == step::wait);  // not from that connection
  CHECK(e.on_stream_message(s.data_for(e), s.now).what == step::done);
  const query_result result = e.take_result();
  REQUIRE(result.report.attempts.size() == 2);
  CHECK(result.report.attempts[0].result == errc::truncated);
  CHECK(result.report.attempts[0].elapsed == 5ms);
  CHECK(result.report.attempts[1].transport == dns_transport::tcp);
  CHECK(std::get<std::vector<srv_record>>(result.answer.records).at(0).port == 80);
}

TEST_CASE("exchange: a truncated message over TCP is not used either",
          "[transport][rfc2181][rfc-check-53][rule-3][fault-X7]") {
  exchange_scene s(1);
  exchange e = s.make();
  (void)e.start(s.now);
  (void)e.on_datagram(s.truncated_for(e), s.now);
  CHECK(e.on_stream_message(s.truncated_for(e), s.now).what == step::done);
  CHECK(e.status() == errc::truncated_no_tcp);
  CHECK(e.take_result().report.record_count == 0);
}

TEST_CASE("exchange: a server that chokes on EDNS is asked once more without",
          "[transport][rfc6891][rfc-check-56][rule-4]") {
  exchange_scene s(1);
  s.with.tcp_only = GENERATE(false, true);
  exchange e = s.make();
  (void)e.start(s.now);
  REQUIRE(has_edns(e.query()));
  CHECK(u16_at(e.query(), end_of_qname(e.query()) + 7) == 1232);
  const auto deliver = [&](const octets& m) {
    return s.with.tcp_only ? e.on_stream_message(m, s.now) : e.on_datagram(m, s.now);
  };
  const std::string how = GENERATE(as<std::string>{}, "FORMERR", "NOTIMP", "BADVERS", "FORMERR without the question");
  INFO(how);
  const octets refusal = how == "FORMERR"   ? s.rcode_for(e, rcode::formerr)
                         : how == "NOTIMP"  ? s.rcode_for(e, rcode::notimp)
                         : how == "BADVERS" ? reply_to(e.query()).opt(1232, 16).bytes()  // half of it in the OPT record
                                            : headless_reply_to(e.query()).rcode(1).bytes();
  const auto action = deliver(refusal);
  CHECK(action.what == (s.with.tcp_only ? step::send_tcp : step::send_udp));
  CHECK(action.server == 0);
  CHECK_FALSE(has_edns(e.query()));
  SECTION("and its answer counts") {
    CHECK(deliver(s.data_for(e)).what == step::done);
    CHECK_FALSE(e.status());
  }
  SECTION("once") {
    CHECK(deliver(s.rcode_for(e, rcode::formerr)).what == step::done);
    CHECK(e.status() == errc::server_failure);
  }
}

TEST_CASE("exchange: after silence the next turn of that server goes without EDNS",
          "[transport][rfc6891][rule-4][fault-X12]") {
  exchange_scene s(2);
  exchange e = s.make();
  auto action = e.start(s.now);
  std::vector<std::pair<std::size_t, bool>> seen;
  for (int i = 0; i < 4; ++i) {
    seen.emplace_back(action.server, has_edns(e.query()));
    action = e.on_timer(s.now = action.until);
  }
  CHECK(seen == decltype(seen){{0, true}, {1, true}, {0, false}, {1, false}});
}

TEST_CASE("exchange: lack of descriptors is a pause, not the server's fault",
          "[transport][rule-6][fault-X19][fault-X20]") {
  exchange_scene s(1);
  s.with.deadline = s.now + 120ms;
  exchange e = s.make();
  (void)e.start(s.now);
  auto action = e.on_local_failure(boost::asio::error::no_descriptors, s.now);
  REQUIRE(action.what == step::wait);
  CHECK(action.until == s.began + 50ms);
  CHECK(e.on_datagram(s.data_for(e), s.now).what == step::wait);  // nothing was asked
  action = e.on_timer(s.now = action.until);
  REQUIRE(action.what == step::send_udp);
  SECTION("then it answers") {
    CHECK(e.on_datagram(s.data_for(e), s.now).what == step::done);
    CHECK_FALSE(e.status());
  }
  SECTION("until the deadline") {
    for (action = e.on_local_failure(boost::asio::error::no_descriptors, s.now); action.what != step::done;) {
      s.now = action.until;
      action =
          action.what == step::wait ? e.on_timer(s.now) : e.on_local_failure(boost::asio::error::no_descriptors, s.now);
    }
    CHECK(s.now == s.with.deadline);
    CHECK(e.status() == boost::asio::error::no_descriptors);
  }
}

TEST_CASE("exchange: each message sent has an ID of its own", "[transport][rfc5452][rfc-check-55]") {
  exchange_scene s(2);
  exchange e = s.make();
  std::set<std::uint16_t> ids;
  auto action = e.start(s.now);
  ids.insert(id_of(e.query()));
  action = e.on_datagram(s.rcode_for(e, rcode::formerr), s.now);
  ids.insert(id_of(e.query()));
  action = e.on_datagram(s.truncated_for(e), s.now);
  ids.insert(id_of(e.query()));
  action = e.on_timer(s.now = action.until);
  ids.insert(id_of(e.query()));
  CHECK(ids == std::set<std::uint16_t>{1, 2, 3, 4});
}
