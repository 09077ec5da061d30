// Many questions in progress: matching, the queue, cancellation, other servers.
#include "sdconnect/balancer/goodness_of_fit.hpp"
#include "unit/transport/engine_scene.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
namespace system_errc = boost::system::errc;

TEST_CASE("query engine: asks and answers, and then has nothing open but what it may use again",
          "[transport][rfc1035]") {
  engine_scene s;
  const auto query = s.ask();
  REQUIRE(s.net.sent.size() == 1);
  CHECK(s.done.empty());
  CHECK(s.engine().next_deadline());
  s.answer(s.net.sent[0]);
  REQUIRE(s.done.size() == 1);
  CHECK(s.done[0].query == query);
  CHECK_FALSE(s.status(0));
  CHECK(s.done[0].result.report.asked == s.numbered(0));
  CHECK(s.done[0].result.report.server == "192.0.2.1#53");
  CHECK_FALSE(s.engine().next_deadline());
  CHECK(s.net.sockets.size() == 1);
  s.engine().rest(s.now);
  CHECK(s.net.sockets.empty());
}

TEST_CASE("query engine: 10^6 forged datagrams against 1,000 queries, none accepted",
          "[transport][rfc5452][rfc-check-54][rfc-check-55][fault-X2]") {
  engine_scene s(1);
  s.with.max_in_flight = 1000;
  std::uint64_t sent = 0, accepted = 0;
  seeded_draw forger(99);
  for (std::size_t i = 0; i < 1000; ++i) s.ask(i);
  REQUIRE(s.net.sent.size() == 1000);
  // The forger knows every question, server and open port, and guesses IDs; this is more than most
  // attackers know.
  const std::vector<scripted_network::datagram> queries = s.net.sent;
  octets forged;
  for (std::size_t i = 0; i < 1000; ++i) {
    forged = s.answer_to(queries[i].message, "192.0.2.66");
    for (int guess = 0; guess < 1000; ++guess) {
      std::uint16_t id = forger();
      if (id == id_of(queries[i].message)) ++id;  // hits are counted below, by their probability
      forged[0] = static_cast<std::uint8_t>(id >> 8);
      forged[1] = static_cast<std::uint8_t>(id);
      s.deliver(queries[i].from, forged);
      ++sent;
    }
  }
  for (const auto& one : s.done) accepted += one.result.report.server.empty() ? 0U : 1U;
  WARN(sent << " forged datagrams against 1000 queries: " << accepted << " accepted");
  CHECK(sent == 1000000);
  CHECK(accepted == 0);
  // After 100 forgeries on a port its queries move from UDP to TCP: this limits the forger's
  // chance, however much he sends.
  CHECK(s.net.streams.size() == 1);
  CHECK(s.net.sent.size() == 1000);
}

TEST_CASE("query engine: IDs are uniform over 100,000 queries", "[transport][rfc5452][rfc-check-55][fault-X3]") {
  engine_scene s(1);
  std::vector<std::uint64_t> upper(256), lower(256);
  std::map<network::socket_id, unsigned> used;
  for (std::size_t i = 0; i < 100000; ++i) {
    s.ask(i % 7);
    const auto& query = s.net.sent.back();
    ++upper[query.message[0]];
    ++lower[query.message[1]];
    REQUIRE(++used[query.from] <= 32);
    s.answer(query);
    s.done.clear();
    if (s.net.sent.size() > 1000) s.net.sent.clear();
    s.now += 1ms;
  }
  const std::vector<double> even(256, 1.0 / 256);
  CHECK(chi_square_p(upper, even) > 0.001);
  CHECK(chi_square_p(lower, even) > 0.001);
}

TEST_CASE("query engine: garbage first, the true reply 200 ms later", "[transport][rfc5452][fault-X1][fault-X5]") {
  engine_scene s;
  s.ask();
  const auto query = s.net.sent[0];
  octets other_question = s.answer_to(query.message, "192.0.2.66");
  other_question[13] ^= 1;
  for (const octets& garbage : {octets{}, octets{1}, octets{1, 2, 3}, octets(65535, 0xFF), other_question}) {
    s.deliver(query.from, garbage);
    REQUIRE(s.done.empty());
  }
  s.now += 200ms;
  s.answer(query);
  REQUIRE(s.done.size() == 1);
  CHECK_FALSE(s.status(0));
  CHECK(s.done[0].result.report.attempts[0].discarded == 5);
  CHECK(s.engine().statistics().discarded == 5);
}

TEST_CASE("query engine: a reply goes to the query with its ID, also among many on one socket",
          "[transport][rfc5452]") {
  engine_scene s(1);
  for (std::size_t i = 0; i < 256; ++i) s.ask(i);
  REQUIRE(s.net.sent.size() == 256);
  std::set<network::socket_id> sockets;
  for (std::size_t i = 256; i-- > 0;) {
    const auto query = s.net.sent[i];
    sockets.insert(query.from);
    s.answer(query);
    REQUIRE(s.done.size() == 256 - i);
    REQUIRE_FALSE(s.done.back().result.report.status);
    REQUIRE(s.done.back().result.report.asked == s.numbered(i));
  }
  CHECK(sockets.size() == 64);
}

TEST_CASE("query engine: two queries that follow each other never share a port", "[transport][fault-X31]") {
  engine_scene s(1);
  for (std::size_t i = 0; i < 2000; ++i) {
    s.ask(i);
    s.ask(i + 1);
    const auto a = *(s.net.sent.end() - 2), b = s.net.sent.back();
    REQUIRE(a.port != b.port);
    s.answer(a);
    s.answer(b);
    if (s.net.sent.size() > 100) s.net.sent.clear();
  }
}

TEST_CASE("query engine: what comes for a query that has ended is dropped", "[transport][fault-X16]") {
  engine_scene s(1);
  const auto first = s.ask(0);
  const auto query = s.net.sent[0];
  s.cancel(first);
  REQUIRE(s.status(0) == error_code(ECANCELED, boost::system::system_category()));
  s.answer(query);
  s.fail(query.from, system_errc::connection_refused);
  s.ask(1);
  s.answer(query);
  CHECK(s.done.size() == 1);
  s.answer(s.net.sent.back());
  REQUIRE(s.done.size() == 2);
  CHECK(s.done[1].result.report.asked == s.numbered(1));
}

TEST_CASE("query engine: a closed port fails for all who wait on the socket, once, and the next server is asked",
          "[transport][fault-X17][fault-X18]") {
  engine_scene s;
  for (std::size_t i = 0; i < 200; ++i) s.ask(i);
  REQUIRE(s.net.sent.size() == 200);
  std::set<network::socket_id> sockets;
  for (std::size_t i = 0; i < 200; ++i) sockets.insert(s.net.sent[i].from);
  for (const auto socket : sockets) {
    for (int again = 0; again < 3; ++again) s.fail(socket, system_errc::connection_refused);
  }
  REQUIRE(s.net.sent.size() == 400);  // the engine sent no query twice because of this
  for (std::size_t i = 200; i < 400; ++i) {
    CHECK(s.net.sent[i].server == 1);
    s.answer(s.net.sent[i]);
  }
  REQUIRE(s.done.size() == 200);
  for (std::size_t i = 0; i < 200; ++i) REQUIRE_FALSE(s.status(i));
}

TEST_CASE("query engine: an old ICMP error met in sending does not fail the query", "[transport][fault-X18]") {
  engine_scene s(1);
  s.ask(0);
  int calls = 0;
  const bool for_good = GENERATE(false, true);
  s.net.on_send = [&] {
    return ++calls == 1 || for_good ? make_error_code(system_errc::connection_refused) : error_code();
  };
  s.ask(1);
  CHECK(calls == 2);
  if (for_good) {
    REQUIRE(s.done.size() == 1);
    CHECK(s.status(0) == errc::network_failure);
    return;
  }
  s.answer(s.net.sent.back());
  CHECK_FALSE(s.status(0));
}

TEST_CASE("query engine: whichever call to the system fails, every query ends once and nothing stays open",
          "[transport][fault-X19][fault-X20]") {
  const auto error = GENERATE(system_errc::too_many_files_open, system_errc::no_buffer_space,
                              system_errc::resource_unavailable_try_again, system_errc::message_size,
                              system_errc::network_unreachable, system_errc::permission_denied);
  // The n-th call fails, and with `for_good` all later ones too.
  const bool for_good = GENERATE(false, true);
  for (int n = 1; n <= 12; ++n) {
    INFO("error " << error << ", call " << n << ", for good " << for_good);
    engine_scene s;
    int calls = 0;
    const auto call = [&] {
      const bool fails = ++calls == n || (for_good && calls > n);
      return fails ? make_error_code(error) : error_code();
    };
    s.net.on_open = [&](std::uint16_t) { return call(); };
    s.net.on_send = call;
    std::size_t answered = 0;
    for (std::size_t i = 0; i < 4; ++i) s.ask(i, 2s);
    for (int step = 0; s.done.size() < 4 && step < 1000; ++step) {
      if (answered < s.net.sent.size()) {
        const auto query = s.net.sent[answered++];
        if (s.net.sockets.contains(query.from)) s.answer(query);
      } else {
        s.expire();
      }
    }
    REQUIRE(s.done.size() == 4);
    if (!for_good) {
      for (std::size_t i = 0; i < 4; ++i) CHECK_FALSE(s.status(i));
    }
    CHECK(calls < 2000);  // with pauses, not in a busy loop
    s.engine().rest(s.now);
    CHECK(s.net.sockets.empty());
  }
}

TEST_CASE("query engine: 10,000 names at once, 256 in flight, first come first served", "[transport][fault-X38]") {
  engine_scene s(1);
  std::size_t most = 0;
  for (std::size_t i = 0; i < 10000; ++i) s.ask(i, 60s);
  for (std::size_t i = 0; i < 10000; ++i) {
    REQUIRE(s.net.sent.size() == std::min<std::size_t>(10000, 256 + i));
    most = std::max(most, s.engine().statistics().in_flight);
    const auto query = s.net.sent[i];
    s.answer(query);
    REQUIRE(s.done.size() == i + 1);
    REQUIRE(s.done.back().result.report.asked == s.numbered(i));
  }
  CHECK(most == 256);
}

TEST_CASE("query engine: in the queue the deadline holds, cancellation too", "[transport][fault-X38][fault-X36]") {
  engine_scene s(1);
  s.with.max_in_flight = 1;
  s.ask(0, 30s);
  const auto waiting = s.ask(1, 30s);
  s.ask(2, 50ms);
  s.cancel(waiting);
  s.cancel(waiting);
  REQUIRE(s.done.size() == 1);
  CHECK(s.done[0].result.report.asked == s.numbered(1));
  CHECK(s.done[0].result.report.attempts.empty());
  s.now += 50ms;
  s.engine().on_timer(s.now);
  s.collect();
  REQUIRE(s.done.size() == 2);
  CHECK(s.status(1) == errc::query_timed_out);
  CHECK(s.done[1].result.report.asked == s.numbered(2));
  s.answer(s.net.sent[0]);
  CHECK(s.done.size() == 3);
  CHECK_FALSE(s.engine().has_questions());
}

TEST_CASE("query engine: without name servers a question ends at once, but not inside submit", "[transport]") {
  engine_scene s(0);
  const auto query = s.engine().submit(s.numbered(0), s.now + 1s, s.now);
  s.collect();
  REQUIRE(s.done.size() == 1);
  CHECK(s.done[0].query == query);
  CHECK(s.status(0) == errc::no_name_servers);
  s.cancel(query);
  CHECK(s.done.size() == 1);
}

TEST_CASE("query engine: silent servers, and every question ends at its deadline", "[transport][fault-X15]") {
  engine_scene s;
  const auto began = s.now;
  for (std::size_t i = 0; i < 300; ++i) s.ask(i, 3s);
  s.expire_all();
  REQUIRE(s.done.size() == 300);
  for (std::size_t i = 0; i < 300; ++i) CHECK(s.status(i).failed());
  CHECK(s.now - began <= 3s);
  s.engine().rest(s.now);
  CHECK(s.net.sockets.empty());
  CHECK(s.net.streams.empty());
}
