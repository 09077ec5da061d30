// Rules 4, 9 and 10 of exchange.hpp: EDNS, letter case, the AD bit.
#include "unit/transport/exchange_scene.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

TEST_CASE("exchange: a server that chokes on EDNS is asked once more without",
          "[transport][rfc6891][rfc-check-56][rule-4][fault-W4]") {
  exchange_scene s(1);
  s.with.tcp_only = GENERATE(false, true);
  s.with.attempts = 1;
  s.start();
  const octets query = s.last().query;
  REQUIRE(has_edns(query));
  CHECK(u16_at(query, end_of_qname(query) + 7) == 1232);
  const std::string how = GENERATE(as<std::string>{}, "FORMERR", "NOTIMP", "BADVERS", "FORMERR without the question");
  INFO(how);
  s.deliver(how == "FORMERR"   ? s.code(rcode::formerr)
            : how == "NOTIMP"  ? s.code(rcode::notimp)
            : how == "BADVERS" ? reply_to(query).opt(1232, 16).bytes()  // half of it is in the OPT record
                               : headless_reply_to(query).rcode(1).bytes());
  CHECK(s.last().how == s.sent[0].how);
  CHECK(s.last().server == 0);
  CHECK_FALSE(has_edns(s.last().query));
  SECTION("and its answer counts, and is remembered") {
    CHECK(s.deliver(s.data()).is_done());
    CHECK_FALSE(s.status());
    CHECK_FALSE(has_edns(s.start().last().query));
    s.now += 15min;
    CHECK(has_edns(s.start().last().query));
  }
  SECTION("once") {
    CHECK(s.deliver(s.code(rcode::formerr)).is_done());
    CHECK(s.status() == errc::server_failure);
    CHECK(has_edns(s.start().last().query));  // EDNS was not the cause
  }
}

TEST_CASE("exchange: a late refusal of EDNS is no news when it was left out already", "[transport][rule-4][rule-7]") {
  exchange_scene s(1);
  s.start().expire();
  REQUIRE_FALSE(has_edns(s.last().query));
  s.deliver(s.code(s.sent[0], rcode::formerr), 0);
  CHECK(s.sent.size() == 2);
  CHECK(s.deliver(s.data()).is_done());
  CHECK_FALSE(s.book->use_edns(0, s.now));
}

TEST_CASE("exchange: after silence the next turn of that server goes without EDNS",
          "[transport][rfc6891][rule-4][fault-X12]") {
  exchange_scene s(2);
  s.start();
  std::vector<std::pair<std::size_t, bool>> seen;
  for (int i = 0; i < 4; ++i) {
    seen.emplace_back(s.last().server, has_edns(s.last().query));
    s.expire();
  }
  CHECK(seen == decltype(seen){{0, true}, {1, true}, {0, false}, {1, false}});
}

TEST_CASE("exchange: a server silent to EDNS is remembered after its second answer without",
          "[transport][rfc6891][rule-4][fault-X12]") {
  exchange_scene s(1);
  s.start().expire().deliver(s.data());
  CHECK(has_edns(s.start().last().query));
  s.expire();
  SECTION("an answer") {
    s.deliver(s.data());
    CHECK_FALSE(has_edns(s.start().last().query));
  }
  SECTION("not a failure") {
    s.deliver(s.code(rcode::servfail));
    CHECK(has_edns(s.start().last().query));
  }
}

TEST_CASE("exchange: silence to EDNS is a loss when the server is known to speak it",
          "[transport][rule-4][fault-X34]") {
  exchange_scene s(1);
  s.start().deliver(s.data());
  for (int i = 0; i < 5; ++i) s.start().expire().deliver(s.data());
  CHECK(has_edns(s.start().last().query));
}

TEST_CASE("exchange: with 0x20 the letter case is drawn and must come back", "[transport][rule-9]") {
  exchange_scene s(1);
  s.with.use_0x20 = true;
  s.random_case = 0b0101;  // of x, t, c, p
  s.start();
  const octets query = s.last().query;
  CHECK(octets(query.begin() + 12, query.begin() + 20) == octets{2, '_', 'X', 4, '_', 't', 'C', 'p'});
  const auto with_case = [&](const char* qname) {
    return message_builder(id_of(query))
        .response()
        .question(qname, rr_type::srv)
        .answer(wire_name::pointer(12), rr_type::srv, 60, rdata_srv(0, 0, 80, "h"))
        .bytes();
  };
  CHECK_FALSE(s.deliver(with_case("_x._tcp.example.com")).is_done());
  CHECK(s.sent.size() == 1);
  CHECK_FALSE(s.deliver(with_case("_x._tCp.example.com")).is_done());
  CHECK(s.last().how == step::send_stream);  // two in a row: the cause is the server, not a forger
}

TEST_CASE("exchange: with 0x20 the right case is an answer, in the letters that were asked for",
          "[transport][rule-9]") {
  exchange_scene s(1);
  s.with.use_0x20 = true;
  s.random_case = 0x123456789ABCDEF0;
  s.start();
  octets wrong = s.data();
  wrong[14] ^= 0x20;
  CHECK_FALSE(s.deliver(wrong).is_done());
  CHECK(s.sent.size() == 1);
  CHECK(s.deliver(s.data()).is_done());
  const query_result result = s.decides->take_result();
  CHECK(result.report.attempts.at(0).discarded == 1);
  CHECK(result.answer.canonical.to_text() == "_x._tcp.example.com.");
  CHECK_FALSE(s.book->loses_case(0, s.now));
}

TEST_CASE("exchange: a server that loses the case is asked over TCP, where it does not matter", "[transport][rule-9]") {
  exchange_scene s(2);
  s.with.use_0x20 = true;
  s.random_case = ~std::uint64_t{0};
  const auto lower = [&](const exchange_scene::message& m) {
    octets reply = s.data(m);
    for (std::size_t i = 12; i < end_of_qname(m.query); ++i) {
      if (reply[i] >= 'A' && reply[i] <= 'Z') reply[i] = static_cast<std::uint8_t>(reply[i] | 0x20);
    }
    return reply;
  };
  s.start().deliver(lower(s.last()), 0);
  REQUIRE(s.sent.size() == 1);
  s.expire().expire();
  REQUIRE(s.last().server == 0);
  s.deliver(lower(s.last()));
  CHECK(s.last().how == step::send_stream);
  CHECK(s.last().server == 0);
  SECTION("answered there") {
    CHECK(s.deliver(lower(s.last())).is_done());
    CHECK_FALSE(s.status());
    SECTION("and at once the next time") { CHECK(s.start().last().how == step::send_stream); }
    SECTION("until that is forgotten") {
      s.now += 15min;
      CHECK(s.start().last().how == step::send_udp);
    }
  }
  SECTION("no TCP: the next server") {
    s.fail(boost::asio::error::connection_refused);
    CHECK(s.last().server == 1);
    CHECK(s.last().how == step::send_udp);
  }
}

TEST_CASE("exchange: AD is asked for and believed only where the server is trusted for it",
          "[transport][rfc6840][rule-10][fault-W25]") {
  exchange_scene s(2);
  const std::size_t trusted = GENERATE(0U, 1U);
  s.with.servers[trusted].trusts_ad = true;
  s.start();
  const auto wants_ad = [&] { return (s.last().query[3] & 0x20) != 0; };
  CHECK(wants_ad() == (trusted == 0));
  const std::size_t answering = GENERATE(0U, 1U);
  if (answering == 1) s.fail(boost::asio::error::connection_refused);
  CHECK(wants_ad() == (trusted == answering));
  octets reply = s.data();
  reply[3] |= 0x20;
  CHECK(s.deliver(reply).is_done());
  CHECK(s.decides->take_result().answer.authenticated == (trusted == answering));
}

TEST_CASE("exchange: AD that the server did not set is not set", "[transport][rule-10]") {
  exchange_scene s(1);
  s.with.servers[0].trusts_ad = true;
  s.start().deliver(s.data());
  CHECK_FALSE(s.decides->take_result().answer.authenticated);
}
