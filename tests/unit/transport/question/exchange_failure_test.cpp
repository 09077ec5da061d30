// The results when servers fail: at every step of an exchange, and all of them.
#include "net/tls/client_stream.hpp"
#include "unit/transport/exchange_scene.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

const error_code refused = boost::asio::error::connection_refused;

}  // namespace

TEST_CASE("exchange: an answer ends it, data or a proven no", "[transport][rfc2308]") {
  exchange_scene s(2);
  s.start();
  SECTION("data") {
    CHECK(s.deliver(s.data()).is_done());
    CHECK_FALSE(s.status());
  }
  SECTION("no such name") {
    CHECK(s.deliver(s.code(rcode::nxdomain)).is_done());
    CHECK(s.status() == errc::nxdomain);
  }
  SECTION("no such record") {
    const octets soa = rdata_soa(60);
    CHECK(s.deliver(reply_to(s.last().query).authority("example.com", rr_type::soa, 300, soa).bytes()).is_done());
    CHECK(s.status() == errc::no_data);
  }
  SECTION("an alias to a place the server does not know") {
    const octets alias = rdata_name("o.example.net");
    CHECK(
        s.deliver(reply_to(s.last().query).answer("_x._tcp.example.com", rr_type::cname, 9, alias).bytes()).is_done());
    CHECK(s.status() == errc::empty_answer);
    CHECK(s.decides->take_result().answer.canonical.to_text() == "o.example.net.");
  }
}

TEST_CASE("exchange: a server that cannot answer has had its say, the next one is asked",
          "[transport][rule-5][fault-X13][fault-X17][fault-C7]") {
  exchange_scene s(2);
  s.with.attempts = 1;
  s.start();
  switch (GENERATE(range(0, 5))) {
    case 0: s.deliver(s.code(rcode::servfail)); break;
    case 1: s.deliver(s.code(rcode::refused)); break;
    case 2: s.deliver(s.code(rcode::notauth)); break;
    case 3: s.fail(refused); break;
    default: s.deliver(reply_to(s.last().query).rcode(11).bytes()); break;
  }
  REQUIRE(s.sent.size() == 2);
  CHECK(s.last().how == step::send_udp);
  CHECK(s.last().server == 1);
  SECTION("and answers") {
    CHECK(s.deliver(s.data()).is_done());
    CHECK_FALSE(s.status());
    CHECK(s.decides->take_result().report.server == "s1");
  }
  SECTION("and is silent: asked again, the first one is not") {
    s.expire();
    CHECK(s.last().how == step::send_udp);
    CHECK(s.last().server == 1);
  }
}

TEST_CASE("exchange: when all have failed, what says most is the outcome", "[transport][rule-5][fault-X13]") {
  using failure = void (*)(exchange_scene&);
  const failure servfail = [](exchange_scene& s) { s.deliver(s.code(rcode::servfail)); };
  const failure refusal = [](exchange_scene& s) { s.deliver(s.code(rcode::refused)); };
  const failure empty = [](exchange_scene& s) { s.deliver(s.empty()); };
  const failure closed = [](exchange_scene& s) { s.fail(refused); };
  const failure no_tcp = [](exchange_scene& s) {
    s.deliver(s.truncated());
    REQUIRE(s.last().how == step::send_stream);
    s.fail(refused);
  };
  struct row {
    failure first, second;
    errc outcome;
  };
  for (const row& r : {row{closed, closed, errc::network_failure}, row{closed, empty, errc::no_data},
                       row{empty, no_tcp, errc::no_data}, row{no_tcp, refusal, errc::server_refused},
                       row{refusal, servfail, errc::server_failure}, row{empty, empty, errc::no_data}}) {
    for (const bool swapped : {false, true}) {
      INFO(make_error_code(r.outcome).message() << (swapped ? ", swapped" : ""));
      exchange_scene s(2);
      s.with.attempts = 1;
      s.start();
      (swapped ? r.second : r.first)(s);
      CHECK_FALSE(s.is_done());
      CHECK(s.last().server == 1);
      (swapped ? r.first : r.second)(s);
      CHECK(s.is_done());
      CHECK(s.status() == r.outcome);
      CHECK(s.decides->take_result().report.server.empty() == (r.outcome != errc::no_data));
    }
  }
}

TEST_CASE("exchange: truncated and TCP fails in any way: the next server, then an error of its own",
          "[transport][rule-5][fault-X8][fault-X22]") {
  exchange_scene s(2);
  s.with.attempts = 1;
  s.start().deliver(s.truncated());
  REQUIRE(s.last().how == step::send_stream);
  SECTION("refused") { s.fail(refused); }
  SECTION("ended early") { s.fail(closed_unanswered()); }
  SECTION("cut") {
    octets cut = s.data();
    cut.pop_back();
    s.deliver(cut);
  }
  CHECK(s.last().how == step::send_udp);
  CHECK(s.last().server == 1);
  CHECK_FALSE(s.book->is_demoted(0));  // over UDP it works
  s.deliver(s.truncated()).fail(refused);
  CHECK(s.is_done());
  CHECK(s.status() == errc::truncated_no_tcp);
}

TEST_CASE("exchange: a certificate that is not accepted is told as what it is", "[transport][rfc7858][fault-X28]") {
  exchange_scene s(1);
  s.with.tcp_only = true;
  s.start();
  const error_code untrusted = GENERATE(error_code(errc::not_authenticated), error_code(errc::bad_server_name));
  CHECK(s.fail(untrusted, s.last().attempt).is_done());
  CHECK(s.status() == untrusted);
}

TEST_CASE("exchange: however short the deadline, every server gets its number of turns", "[transport][rule-1]") {
  exchange_scene s(2);
  s.life = 300ms;
  s.with.attempts = GENERATE(1U, 3U);
  s.start();
  while (!s.is_done()) s.expire();
  for (const std::size_t server : {0U, 1U}) {
    const auto turns =
        std::ranges::count_if(s.sent, [&](const auto& m) { return m.how == step::send_udp && m.server == server; });
    CHECK(turns >= static_cast<std::ptrdiff_t>(s.with.attempts));
  }
  if (s.with.attempts == 1) CHECK(s.sent.size() == 2);
}

TEST_CASE("exchange: over TCP a message that is no reply is dropped, a reply that cannot be read fails the server",
          "[transport][rule-2][fault-W30][fault-O5]") {
  exchange_scene s(2);
  s.with.tcp_only = true;
  s.with.attempts = 1;
  s.start();
  REQUIRE(s.last().how == step::send_stream);
  octets other_id = s.data();
  other_id[0] ^= 0xFF;
  for (const octets& odd : {octets{}, octets{0}, other_id}) CHECK_FALSE(s.deliver(odd).is_done());
  CHECK(s.sent.size() == 1);
  SECTION("the right one counts") {
    CHECK(s.deliver(s.data()).is_done());
    CHECK_FALSE(s.status());
  }
  SECTION("cut") {
    for (const std::size_t server : {0U, 1U}) {
      CHECK(s.last().server == server);
      octets cut = s.data();
      cut.pop_back();
      s.deliver(cut);
    }
    CHECK(s.is_done());
    CHECK(s.status() == errc::malformed_message);
  }
}

TEST_CASE("exchange: REFUSED or NOTIMP over TCP is an answer, the end of the stream behind it is nothing",
          "[transport][rule-5][fault-X25]") {
  exchange_scene s(2);
  s.with.tcp_only = true;
  s.start();
  if (GENERATE(false, true)) s.deliver(s.code(rcode::notimp));  // refuses EDNS: the exchange asks without it
  const std::size_t refused_by = s.last().attempt;
  const std::size_t before = s.sent.size();
  s.deliver(s.code(GENERATE(rcode::refused, rcode::notimp)));
  if (s.last().server == 0) s.deliver(s.code(rcode::refused));
  CHECK(s.last().server == 1);
  const std::size_t after = s.sent.size();
  CHECK(after > before);
  s.fail(boost::asio::error::eof, refused_by);
  CHECK(s.sent.size() == after);
  CHECK(s.deliver(s.data()).is_done());
  CHECK_FALSE(s.status());
}

TEST_CASE("exchange: a TLS server is asked over its stream and never otherwise", "[transport][rfc7858][fault-X28]") {
  exchange_scene s(1);
  s.with.servers[0].stream_only = true;
  s.with.servers[0].stream = dns_transport::tls;
  s.start();
  while (!s.is_done()) {
    CHECK(s.last().how == step::send_stream);
    s.expire();
  }
  for (const query_attempt& attempt : s.decides->take_result().report.attempts) {
    CHECK(attempt.transport == dns_transport::tls);
  }
}

TEST_CASE("exchange: nothing is sent at or after the deadline", "[transport][rule-1]") {
  exchange_scene s(2);
  SECTION("at the start") {
    s.life = 0s;
    CHECK(s.start().is_done());
    CHECK(s.sent.empty());
  }
  SECTION("after a failure") {
    s.start();
    s.now = s.deadline();
    CHECK(s.deliver(s.truncated()).is_done());
    CHECK(s.sent.size() == 1);
  }
  CHECK(s.status() == errc::query_timed_out);
  CHECK(s.decides->take_result().report.attempts.size() == s.sent.size());
}

TEST_CASE("exchange: an attempt given up is reported as such, not as answered", "[transport][fault-X36]") {
  exchange_scene s(1);
  s.start();
  s.decides->stop(boost::asio::error::operation_aborted, s.now + 3ms);
  CHECK_FALSE(s.decides->is_open(0));
  const query_report report = s.decides->take_result().report;
  CHECK(report.status == boost::asio::error::operation_aborted);
  REQUIRE(report.attempts.size() == 1);
  CHECK(report.attempts[0].result == boost::asio::error::operation_aborted);
  CHECK(report.attempts[0].elapsed == 3ms);
}

TEST_CASE("exchange: after the end nothing that comes changes anything", "[transport][fault-X16][fault-X34]") {
  exchange_scene s(2);
  s.start().expire().deliver(s.data());
  REQUIRE(s.is_done());
  const octets late = s.code(s.sent[0], rcode::nxdomain);
  CHECK(s.deliver(late, 0).is_done());
  CHECK(s.deliver(s.data()).is_done());
  CHECK(s.fail(refused, 0).is_done());
  CHECK(s.perform(s.decides->on_foreign_datagram(0, s.now)).is_done());
  CHECK(s.perform(s.decides->on_timer(s.now + 9s)).is_done());
  CHECK(s.sent.size() == 2);
  CHECK_FALSE(s.status());
}

TEST_CASE("exchange: a zone file is asked as a file and reported as one", "[transport]") {
  exchange_scene s(1);
  s.with.servers[0].is_file = true;
  s.with.tcp_only = GENERATE(false, true);
  s.start();
  CHECK(s.last().how == step::ask_file);
  CHECK(s.deliver(s.data()).is_done());
  CHECK(s.decides->take_result().report.attempts.at(0).transport == dns_transport::file);
}

// The first server refuses EDNS, then truncates, then answers over TCP: three steps, each of which
// fails once. The second server works.
TEST_CASE("exchange: a failure at any step still ends in the answer of the next server", "[transport][replay]") {
  const std::string failure =
      GENERATE(as<std::string>{}, "timeout", "refused", "no descriptor", "garbage", "servfail", "late");
  for (std::size_t failing = 0; failing < 4; ++failing) {
    INFO(failure << " at step " << failing);
    exchange_scene s(2);
    s.start();
    std::size_t handled = 0;
    while (!s.is_done()) {
      REQUIRE(handled < 12);
      if (handled == s.sent.size()) {
        s.expire();
        continue;
      }
      const exchange_scene::message m = s.sent[handled];
      if (handled++ == failing) {
        if (failure == "timeout") s.expire();
        if (failure == "refused") s.fail(refused, m.attempt);
        if (failure == "no descriptor") s.fail(boost::asio::error::no_descriptors, m.attempt);
        if (failure == "garbage") s.deliver({1, 2, 3}, m.attempt);
        if (failure == "servfail") s.deliver(s.code(m, rcode::servfail), m.attempt);
        if (failure == "late") s.deliver(message_builder(id_of(m.query) - 1U).response().bytes(), m.attempt);
      } else if (m.server == 0 && has_edns(m.query)) {
        s.deliver(s.code(m, rcode::formerr), m.attempt);
      } else if (m.server == 0 && m.how == step::send_udp) {
        s.deliver(s.truncated(m), m.attempt);
      } else {
        s.deliver(s.data(m), m.attempt);
      }
    }
    CHECK_FALSE(s.status());
    const query_result result = s.decides->take_result();
    CHECK(result.report.attempts.size() == s.sent.size());
    CHECK(std::get<std::vector<srv_record>>(result.answer.records).at(0).port == 80);
    std::size_t answered = 0;
    for (const query_attempt& attempt : result.report.attempts) answered += attempt.result.failed() ? 0 : 1;
    CHECK(answered == 1);
  }
}

TEST_CASE("exchange: the report has the extended errors of each reply", "[transport][rfc8914][fault-O15]") {
  const octets expired{0, 15, 0, 5, 0, 7, 'o', 'l', 'd'};
  const octets stale{0, 15, 0, 2, 0, 3};
  exchange_scene s(2);
  s.start();
  s.deliver(reply_to(s.last().query).rcode(rcode::servfail).opt(1232, 2, 0, false, expired).bytes());
  REQUIRE_FALSE(s.is_done());
  const octets target = rdata_srv(0, 0, 80, "h.example.com");
  message_builder data = reply_to(s.last().query).answer(qname_of(s.last().query), rr_type::srv, 60, target);
  REQUIRE(s.deliver(data.opt(1232, 0, 0, false, stale).bytes()).is_done());
  const query_report& report = s.decides->take_result().report;
  REQUIRE(report.attempts.size() == 2);
  CHECK(report.attempts[0].extended_errors == std::vector<extended_error>{{7, "old"}});
  CHECK(report.attempts[1].extended_errors == std::vector<extended_error>{{3, ""}});
  CHECK(extended_errors_of(report) == std::vector<extended_error>{{7, "old"}, {3, ""}});
}
