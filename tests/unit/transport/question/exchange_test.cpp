// The numbered rules 1, 2, 3 and 6 of exchange.hpp, one after the other.
#include "support/heap_meter.hpp"
#include "unit/transport/exchange_scene.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

TEST_CASE("exchange: servers are asked in turn, with a timeout that doubles with each turn", "[transport][rule-1]") {
  exchange_scene s(2);
  s.start();
  std::vector<std::tuple<std::size_t, std::chrono::milliseconds>> turns;
  while (!s.is_done()) {
    // The parallel attempt over TCP comes last.
    const auto turn = s.sent.end()[s.last().how == step::send_stream ? -2 : -1];
    REQUIRE(turn.how == step::send_udp);
    turns.emplace_back(turn.server, s.patience());
    s.expire();
  }
  CHECK(turns == decltype(turns){{0, 400ms},
                                 {1, 400ms},
                                 {0, 800ms},
                                 {1, 800ms},
                                 {0, 1600ms},
                                 {1, 1600ms},
                                 {0, 3200ms},
                                 {1, 3200ms},
                                 {0, 6400ms},
                                 {1, 6400ms},
                                 {0, 7500ms},
                                 {1, 7500ms},
                                 {0, 7500ms},
                                 {1, 7500ms},
                                 {0, 5200ms}});
  CHECK(s.now == s.deadline());
  CHECK(s.status() == errc::query_timed_out);
  const query_result result = s.decides->take_result();
  CHECK(result.report.server.empty());
  REQUIRE(result.report.attempts.size() == turns.size() + 2);
  for (const query_attempt& attempt : result.report.attempts) CHECK(attempt.result.failed());
  CHECK(result.report.attempts[2].result == errc::query_timed_out);
  CHECK(result.report.attempts[2].elapsed == 800ms);
}

TEST_CASE("exchange: the first timeout is what the caller wants at most", "[transport][rule-1]") {
  exchange_scene s(2);
  s.with.first_timeout = s.timing.first_timeout = 50ms;
  s.start();
  CHECK(s.patience() == 50ms);
  CHECK(s.expire().patience() == 50ms);
  CHECK(s.expire().patience() == 100ms);
}

TEST_CASE("exchange: however short the deadline, every server gets two turns", "[transport][rule-1]") {
  exchange_scene s(3);
  s.life = 90ms;
  s.start();
  while (!s.is_done()) s.expire();
  std::vector<std::size_t> servers;
  for (const auto& m : s.sent) servers.push_back(m.server);
  CHECK(servers == std::vector<std::size_t>{0, 1, 2, 0, 1, 2});
  CHECK(s.now == s.deadline());
}

TEST_CASE("exchange: a repetition at the same server is no new turn: the timeout is not doubled",
          "[transport][rule-1]") {
  exchange_scene s(1);
  s.start();
  SECTION("without EDNS") {
    s.now += 50ms;  // the timeout follows from that: 50 ms + 4 * 25 ms, but at least 200 ms
    s.deliver(s.code(rcode::formerr));
    CHECK(s.patience() == 200ms);
  }
  SECTION("after a pause for want of descriptors") {
    s.fail(boost::asio::error::no_descriptors).expire();
    CHECK(s.patience() == 400ms);
  }
  CHECK(s.sent.size() == 2);
  CHECK(s.last().server == 0);
}

TEST_CASE("exchange: a stream gets the whole first timeout", "[transport][rule-1]") {
  exchange_scene s(1);
  s.start().deliver(s.truncated());
  CHECK(s.last().how == step::send_stream);
  CHECK(s.patience() == 1s);
}

TEST_CASE("exchange: a datagram that does not match is counted and the wait goes on",
          "[transport][rfc5452][rfc-check-54][rule-2][fault-X1][fault-X5][fault-W1][fault-W2][fault-W4][fault-W25]") {
  exchange_scene s(1);
  s.start();
  const auto until = s.state.until;
  const octets query = s.last().query;
  const octets good = s.data();
  const auto named = [&](const char* qname, rr_type type, unsigned qclass) {
    return message_builder(id_of(query)).response().question(qname, type, static_cast<int>(qclass)).bytes();
  };
  octets other_id = good;
  other_id[1] ^= 1;
  const std::vector<std::pair<const char*, octets>> forged{
      {"nothing", {}},
      {"half a header", octets(good.begin(), good.begin() + 11)},
      {"our own query", query},
      {"another ID", other_id},
      {"another name", named("_y._tcp.example.com", rr_type::srv, 1)},
      {"another type", named("_x._tcp.example.com", rr_type::a, 1)},
      {"another class", named("_x._tcp.example.com", rr_type::srv, 3)},
      {"two questions", reply_to(query).question("_x._tcp.example.com", rr_type::srv).bytes()},
      {"no question, but data", headless_reply_to(query).bytes()},
      {"another opcode", reply_to(query).opcode(4).bytes()},
      {"counts that cannot fit", reply_to(query).counts(1, 65535, 0, 0).bytes()},
      {"a record cut short", reply_to(query).counts(1, 1, 0, 0).raw(octets(11, 0xC0)).bytes()},
  };
  for (const auto& [what, message] : forged) {
    INFO(what);
    s.now += 1ms;
    s.deliver(message);
    CHECK_FALSE(s.is_done());
    CHECK(s.sent.size() == 1);
    CHECK(s.state.until == until);
  }
  CHECK_FALSE(s.book->round_trip(0, s.now));  // none of them came from the server
  s.deliver(good);
  CHECK(s.is_done());
  CHECK_FALSE(s.status());
  const query_result result = s.decides->take_result();
  REQUIRE(result.report.attempts.size() == 1);
  CHECK(result.report.attempts[0].discarded == forged.size());
  CHECK(result.report.server == "s0");
  CHECK(result.report.record_count == 1);
}

TEST_CASE("exchange: letter case of the echoed question does not matter", "[transport][rfc4343][fault-N1]") {
  exchange_scene s(1);
  s.start();
  s.deliver(message_builder(1)
                .response()
                .question("_X._TCP.Example.COM", rr_type::srv)
                .answer("_X._tcp.EXAMPLE.com", rr_type::srv, 60, rdata_srv(0, 0, 80, "h"))
                .bytes());
  CHECK(s.is_done());
  CHECK_FALSE(s.status());
}

TEST_CASE("exchange: after 100 datagrams that do not match the question goes over TCP",
          "[transport][rfc5452][rule-2][fault-X2]") {
  exchange_scene s(2);
  s.start();
  const octets good = s.data();
  const bool foreign = GENERATE(false, true);
  for (int i = 0; i < 99; ++i) {
    foreign ? s.perform(s.decides->on_foreign_datagram(0, s.now)) : s.deliver(octets(12, 0));
    REQUIRE(s.sent.size() == 1);
  }
  foreign ? s.perform(s.decides->on_foreign_datagram(0, s.now)) : s.deliver(octets(12, 0));
  REQUIRE(s.sent.size() == 2);
  CHECK(s.last().how == step::send_stream);
  CHECK(s.last().server == 0);
  CHECK_FALSE(s.decides->is_open(0));
  CHECK_FALSE(s.deliver(good, 0).is_done());
  SECTION("and is answered there") { CHECK_FALSE(s.deliver(s.data()).status()); }
  SECTION("at every server") {
    s.fail(boost::asio::error::connection_refused);
    CHECK(s.last().how == step::send_stream);
    CHECK(s.last().server == 1);
    CHECK(s.fail(boost::asio::error::connection_refused).is_done());
    CHECK(s.status() == errc::network_failure);
  }
  SECTION("and stays there") {
    for (int i = 0; i < 4; ++i) {
      s.expire();
      CHECK(s.last().how == step::send_stream);
    }
  }
  const query_report report = s.decides->take_result().report;
  CHECK(report.attempts.at(0).discarded == 100);
  CHECK(report.attempts.at(0).result == errc::malformed_message);
}

TEST_CASE("exchange: of a million forged replies none is taken and few are looked at",
          "[transport][rule-2][fault-X2]") {
  exchange_scene s(1);
  s.start();
  s.now += 1ms;
  octets forged = s.data();
  for (unsigned id = 0; id < 1'000'000; ++id) {
    // A correct guess, one in 65536, also needs the correct port.
    if ((id & 0xFFFF) == id_of(s.sent[0].query)) continue;
    forged[0] = static_cast<std::uint8_t>(id >> 8);
    forged[1] = static_cast<std::uint8_t>(id);
    s.deliver(forged, 0);
  }
  CHECK_FALSE(s.is_done());
  REQUIRE(s.sent.size() == 2);
  CHECK_FALSE(s.deliver(s.data()).status());
  CHECK(s.decides->take_result().report.attempts.at(0).discarded == 100);
}

TEST_CASE("exchange: of a truncated datagram nothing is used, the same server is asked over TCP",
          "[transport][rfc2181][rfc7766][rfc-check-53][rule-3][fault-X7]") {
  exchange_scene s(2);
  s.start();
  s.now += 5ms;
  s.deliver(s.truncated());
  CHECK(s.last().how == step::send_stream);
  CHECK(s.last().server == 0);
  CHECK(id_of(s.last().query) == 2);
  CHECK_FALSE(s.deliver(s.data(s.sent[0]), 0).is_done());  // that datagram is already answered
  CHECK(s.deliver(s.data()).is_done());
  const query_result result = s.decides->take_result();
  REQUIRE(result.report.attempts.size() == 2);
  CHECK(result.report.attempts[0].result == errc::truncated);
  CHECK(result.report.attempts[0].elapsed == 5ms);
  CHECK(result.report.attempts[1].transport == dns_transport::tcp);
  CHECK(std::get<std::vector<srv_record>>(result.answer.records).at(0).port == 80);
}

TEST_CASE("exchange: a truncated message over TCP is not used either",
          "[transport][rfc2181][rfc-check-53][rule-3][fault-X7]") {
  exchange_scene s(1);
  s.start().deliver(s.truncated());
  CHECK(s.deliver(s.truncated()).is_done());
  CHECK(s.status() == errc::truncated_no_tcp);
  CHECK(s.decides->take_result().report.record_count == 0);
}

TEST_CASE("exchange: a datagram larger than was offered counts", "[transport][rfc6891][fault-X9]") {
  exchange_scene s(1);
  s.start();
  message_builder large = reply_to(s.last().query);
  for (unsigned i = 0; i < 200; ++i) {
    large.answer(wire_name::pointer(12), rr_type::srv, 60, rdata_srv(0, 0, i, "h.example.com"));
  }
  REQUIRE(large.bytes().size() > 4096);
  CHECK(s.deliver(large.bytes()).is_done());
  CHECK(s.decides->take_result().report.record_count == 200);
}

TEST_CASE("exchange: lack of descriptors or buffers is a pause, not the server's fault",
          "[transport][rule-6][fault-X19][fault-X20]") {
  const error_code ec =
      GENERATE(as<error_code>{}, boost::asio::error::no_descriptors, boost::asio::error::no_buffer_space,
               boost::asio::error::no_memory, boost::asio::error::try_again,
               make_error_code(boost::system::errc::too_many_files_open_in_system));
  INFO(ec.message());
  exchange_scene s(2);
  s.life = 300ms;
  s.start();
  s.fail(ec);
  CHECK(s.sent.size() == 1);
  CHECK(s.patience() == 1ms);
  CHECK_FALSE(s.deliver(s.data()).is_done());  // no query is open
  s.expire();
  CHECK(s.sent.size() == 2);
  CHECK(s.last().server == 0);
  SECTION("then it answers") {
    CHECK(s.deliver(s.data()).is_done());
    CHECK_FALSE(s.status());
  }
  SECTION("until the deadline, longer and longer, then at every server") {
    std::vector<std::pair<std::chrono::milliseconds, std::size_t>> pauses;
    while (!s.fail(ec).is_done()) {
      const auto pause = s.patience();
      if (s.expire().is_done()) break;
      pauses.emplace_back(pause, s.last().server);
    }
    CHECK(pauses ==
          decltype(pauses){
              {2ms, 0}, {4ms, 0}, {8ms, 0}, {16ms, 0}, {32ms, 0}, {50ms, 1}, {50ms, 0}, {50ms, 1}, {50ms, 0}});
    CHECK(s.now == s.deadline());
    CHECK(s.status() == ec);
    CHECK_FALSE(s.book->is_demoted(0));
  }
}

TEST_CASE("exchange: what cannot be sent to one server goes to the next", "[transport][rule-5][fault-X19][fault-X33]") {
  const error_code ec =
      GENERATE(as<error_code>{}, boost::asio::error::message_size, boost::asio::error::network_unreachable,
               boost::asio::error::address_family_not_supported, boost::asio::error::host_unreachable);
  exchange_scene s(2);
  s.start().fail(ec);
  CHECK(s.last().server == 1);
  CHECK_FALSE(s.deliver(s.data()).status());
}

TEST_CASE("exchange: an ordinary query costs one allocation beside its answer", "[transport]") {
  exchange_scene s(1);
  s.start();
  s.deliver(s.data());
  const octets good = [&] {
    octets reply = s.data();
    reply[0] = 0, reply[1] = 77;
    return reply;
  }();
  const heap_meter meter;
  exchange e(exchange_scene::asked(), s.with, *s.book, s.store, s.now + 5s);
  REQUIRE(e.start(s.now).what == step::send_udp);
  REQUIRE(e.query(0, 77).octets().size() > 12);
  REQUIRE(e.next().what == step::wait);
  const std::size_t before_reply = meter.allocations();
  REQUIRE(e.on_message(0, good, s.now).what == step::done);
  CHECK(before_reply <= 1);
  CHECK(meter.allocations() <= 2);  // and the records
}
