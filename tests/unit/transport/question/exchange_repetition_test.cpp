// What a server says or does once, and not the next time.
#include "net/tls/client_stream.hpp"
#include "unit/transport/exchange_scene.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

octets passing_failure(const exchange_scene& s) {
  switch (GENERATE(range(0, 6))) {
    case 0: return s.code(rcode::servfail);
    case 1: return s.code(rcode::refused);
    case 2: return s.code(rcode::notauth);
    case 3: return s.code(rcode::notimp);
    case 4: return s.code(rcode::formerr);
    default: return headless_reply_to(s.last().query).rcode(1).bytes();
  }
}

void fail_turn(exchange_scene& s, const octets& reply) {
  const std::size_t before = s.sent.size();
  s.deliver(reply);
  if (s.sent.size() == before + 1 && !has_edns(s.last().query)) s.deliver(s.code(rcode::formerr));  // rule 4
}

}  // namespace

TEST_CASE("exchange: a failure that the only server reports once", "[transport][rule-5][fault-O6]") {
  exchange_scene s(1);
  s.with.tcp_only = GENERATE(false, true);
  s.start();
  fail_turn(s, passing_failure(s));
  REQUIRE_FALSE(s.is_done());
  const std::size_t asked = s.sent.size();
  CHECK(s.patience() == 100ms);
  s.expire();
  CHECK(s.sent.size() == asked + 1);
  CHECK(s.deliver(s.data()).is_done());
  CHECK_FALSE(s.status());
}

TEST_CASE("exchange: a failure for ever is the outcome after `attempts` of them, with growing rests between",
          "[transport][rule-5][fault-O6]") {
  exchange_scene s(1);
  s.with.attempts = 7;
  s.start();
  for (const auto rest : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    REQUIRE_FALSE(s.deliver(s.code(rcode::servfail)).is_done());
    CHECK(s.patience() == rest);
    s.expire();
  }
  CHECK(s.deliver(s.code(rcode::servfail)).is_done());
  CHECK(s.status() == errc::server_failure);
  CHECK(s.sent.size() == 7);
}

TEST_CASE("exchange: of two servers that fail, each is asked again", "[transport][rule-5][fault-O6]") {
  exchange_scene s(2);
  s.start().deliver(s.code(rcode::servfail));
  CHECK(s.last().server == 1);
  s.now += 30ms;
  s.deliver(s.code(rcode::refused));
  CHECK(s.patience() == 70ms);  // since the failure of the first one
  s.expire();
  CHECK(s.last().server == 0);
  SECTION("the second one recovers") {
    s.deliver(s.code(rcode::servfail));
    CHECK(s.patience() == 30ms);
    s.expire();
    CHECK(s.last().server == 1);
    CHECK(s.deliver(s.data()).is_done());
    CHECK_FALSE(s.status());
  }
  SECTION("a late reply during the rest counts") {
    s.deliver(s.code(rcode::servfail));
    CHECK_FALSE(s.deliver(s.code(s.sent[1], rcode::servfail), 1).is_done());  // closed: nothing
    CHECK(s.sent.size() == 3);
  }
}

TEST_CASE("exchange: during a rest the deadline holds, and the failure is the outcome",
          "[transport][rule-1][rule-5][fault-O6]") {
  exchange_scene s(1);
  s.life = 60ms;
  s.start().deliver(s.code(rcode::servfail));
  CHECK(s.patience() == 60ms);
  CHECK(s.expire().is_done());
  CHECK(s.status() == errc::server_failure);
}

TEST_CASE("exchange: silence after a failure does not hide it", "[transport][rule-5][fault-O6]") {
  exchange_scene s(1);
  s.start().deliver(s.code(rcode::servfail));
  while (!s.is_done()) s.expire();
  CHECK(s.status() == errc::server_failure);
}

TEST_CASE("exchange: silence between is no failure", "[transport][rule-5][fault-O6]") {
  exchange_scene s(1);
  s.start().expire().deliver(s.code(rcode::servfail));
  REQUIRE_FALSE(s.is_done());
  CHECK(s.patience() == 100ms);
  s.expire();
  SECTION("it answers at last") { CHECK(s.deliver(s.data()).is_done()); }
  SECTION("the second failure is the outcome") {
    CHECK(s.expire().deliver(s.code(rcode::servfail)).is_done());
    CHECK(s.status() == errc::server_failure);
  }
}

TEST_CASE("exchange: a failure that comes late does not hide the answer to the next datagram",
          "[transport][rule-5][rule-7][fault-O6]") {
  exchange_scene s(1);
  s.start().expire();
  REQUIRE_FALSE(s.deliver(s.code(s.sent[0], rcode::refused), 0).is_done());
  SECTION("which is right") {
    CHECK(s.deliver(s.data(s.sent[1]), 1).is_done());
    CHECK_FALSE(s.status());
  }
  SECTION("which is a failure too") {
    s.deliver(s.code(s.sent[1], rcode::refused), 1);
    CHECK(s.expire().is_done());
    CHECK(s.status() == errc::server_refused);
    CHECK(s.sent.size() == 2);
  }
  SECTION("which does not come") {
    CHECK(s.patience() == 100ms);
    s.expire();
    CHECK(s.deliver(s.data()).is_done());
    CHECK_FALSE(s.status());
  }
}

TEST_CASE("exchange: what would be said again is not asked again", "[transport][rule-5][fault-O6]") {
  exchange_scene s(1);
  SECTION("a closed port") { s.start().fail(boost::asio::error::connection_refused); }
  SECTION("a zone file") {
    s.with.servers[0].is_file = true;
    s.start().deliver(s.code(rcode::refused));
  }
  SECTION("nobody at the TCP port") { s.start().deliver(s.truncated()).fail(boost::asio::error::connection_refused); }
  SECTION("truncated over TCP") { s.start().deliver(s.truncated()).deliver(s.truncated()); }
  SECTION("a certificate") {
    s.with.servers[0].stream_only = true;
    s.start().fail(errc::not_authenticated);
  }
  CHECK(s.is_done());
}

TEST_CASE("exchange: a stream that ended without an answer is opened again", "[transport][rule-5][fault-O4]") {
  exchange_scene s(1);
  s.with.tcp_only = GENERATE(true, false);
  s.start();
  if (!s.with.tcp_only) s.deliver(s.truncated());
  s.fail(closed_unanswered());
  REQUIRE_FALSE(s.is_done());
  s.expire();
  CHECK(s.last().how == step::send_stream);
  SECTION("which answers") {
    CHECK(s.deliver(s.data()).is_done());
    CHECK_FALSE(s.status());
  }
  SECTION("which ends too") {
    CHECK(s.fail(closed_unanswered()).is_done());
    CHECK(s.status() == (s.with.tcp_only ? errc::network_failure : errc::truncated_no_tcp));
  }
}

TEST_CASE("exchange: a stream has all the time until the deadline, and is asked once",
          "[transport][rule-3][fault-O2]") {
  exchange_scene s(1);
  s.life = 10s;
  s.with.tcp_only = GENERATE(true, false);
  s.start();
  if (!s.with.tcp_only) s.deliver(s.truncated());
  const std::size_t asked = s.sent.size();
  while (s.state.until < s.deadline()) s.expire();
  CHECK(s.sent.size() == asked);
  SECTION("it answers at last") {
    CHECK(s.deliver(s.data()).is_done());
    CHECK_FALSE(s.status());
  }
  SECTION("it does not") {
    CHECK(s.expire().is_done());
    CHECK(s.status() == (s.with.tcp_only ? errc::query_timed_out : errc::truncated_no_tcp));
  }
}

TEST_CASE("exchange: a stream that stalls gets another one beside it", "[transport][rule-3][fault-O2]") {
  exchange_scene s(1);
  s.start().deliver(s.truncated());
  const std::size_t first = s.last().attempt;
  s.now += 2s;
  s.perform(s.decides->on_stall(first, s.now));
  REQUIRE(s.sent.size() == 3);
  CHECK(s.last().how == step::send_stream);
  const auto winner = GENERATE(1U, 2U);
  CHECK(s.deliver(s.data(s.sent[winner]), s.sent[winner].attempt).is_done());
  CHECK_FALSE(s.status());
}

TEST_CASE("exchange: while a stream is silent the next server is asked", "[transport][rule-3][fault-O2][fault-X22]") {
  exchange_scene s(2);
  s.start().deliver(s.truncated());
  const std::size_t stream = s.last().attempt;
  CHECK(s.expire().last().server == 1);
  CHECK(s.last().how == step::send_udp);
  SECTION("which answers") { CHECK(s.deliver(s.data()).is_done()); }
  SECTION("but the stream is faster") { CHECK(s.deliver(s.data(s.sent[1]), stream).is_done()); }
  SECTION("but the stream fails, which changes nothing") {
    s.fail(boost::asio::error::connection_refused, stream);
    CHECK(s.sent.size() == 3);
    CHECK(s.deliver(s.data()).is_done());
  }
  CHECK_FALSE(s.status());
}
