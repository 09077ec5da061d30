// What is left when servers fail: at every step of an exchange, and all of them.
#include "unit/transport/exchange_scene.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <string>

using namespace sdconnect;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

octets empty_for(const exchange& e) { return reply_to(e.query()).bytes(); }

octets no_data_for(const exchange& e) {
  return reply_to(e.query()).authority("example.com", rr_type::soa, 300, rdata_soa(60)).bytes();
}

}  // namespace

TEST_CASE("exchange: an answer ends it, data or a proven no", "[transport][rfc2308]") {
  exchange_scene s(2);
  exchange e = s.make();
  (void)e.start(s.now);
  SECTION("data") {
    CHECK(e.on_datagram(s.data_for(e), s.now).what == step::done);
    CHECK_FALSE(e.status());
  }
  SECTION("no such name") {
    CHECK(e.on_datagram(s.rcode_for(e, rcode::nxdomain), s.now).what == step::done);
    CHECK(e.status() == errc::nxdomain);
  }
  SECTION("no such record") {
    CHECK(e.on_datagram(no_data_for(e), s.now).what == step::done);
    CHECK(e.status() == errc::no_data);
  }
  SECTION("an alias to a place the server does not know") {
    const octets reply =
        reply_to(e.query()).answer("_x._tcp.example.com", rr_type::cname, 9, rdata_name("o.example.net")).bytes();
    CHECK(e.on_datagram(reply, s.now).what == step::done);
    CHECK(e.status() == errc::empty_answer);
    CHECK(e.take_result().answer.canonical.to_text() == "o.example.net.");
  }
}

TEST_CASE("exchange: a server that cannot answer has had its say, the next one is asked",
          "[transport][rule-5][fault-X13][fault-X17][fault-C7]") {
  exchange_scene s(2);
  exchange e = s.make();
  (void)e.start(s.now);
  const auto action = [&] {
    switch (GENERATE(range(0, 6))) {
      case 0: return e.on_datagram(s.rcode_for(e, rcode::servfail), s.now);
      case 1: return e.on_datagram(s.rcode_for(e, rcode::refused), s.now);
      case 2: return e.on_datagram(s.rcode_for(e, rcode::notauth), s.now);
      case 3: return e.on_datagram(empty_for(e), s.now);
      case 4: return e.on_network_failure(boost::asio::error::connection_refused, s.now);
      default: return e.on_datagram(reply_to(e.query()).rcode(11).bytes(), s.now);
    }
  }();
  CHECK(action.what == step::send_udp);
  CHECK(action.server == 1);
  SECTION("and answers") {
    CHECK(e.on_datagram(s.data_for(e), s.now).what == step::done);
    CHECK_FALSE(e.status());
    CHECK(e.take_result().report.server == "s1");
  }
  SECTION("and is silent: asked again, the first one is not") {
    const auto again = e.on_timer(s.now = action.until);
    CHECK(again.what == step::send_udp);
    CHECK(again.server == 1);
  }
}

TEST_CASE("exchange: when all have failed, what says most is the outcome", "[transport][rule-5][fault-X13]") {
  using fail = exchange::action (*)(exchange_scene&, exchange&);
  const fail servfail = [](exchange_scene& s, exchange& e) {
    return e.on_datagram(s.rcode_for(e, rcode::servfail), s.now);
  };
  const fail refused = [](exchange_scene& s, exchange& e) {
    return e.on_datagram(s.rcode_for(e, rcode::refused), s.now);
  };
  const fail empty = [](exchange_scene& s, exchange& e) { return e.on_datagram(empty_for(e), s.now); };
  const fail closed = [](exchange_scene& s, exchange& e) {
    return e.on_network_failure(boost::asio::error::connection_refused, s.now);
  };
  const fail no_tcp = [](exchange_scene& s, exchange& e) {
    REQUIRE(e.on_datagram(s.truncated_for(e), s.now).what == step::send_tcp);
    return e.on_network_failure(boost::asio::error::connection_refused, s.now);
  };
  struct row {
    fail first, second;
    errc outcome;
  };
  for (const row& r : {row{closed, closed, errc::network_failure}, row{closed, empty, errc::empty_answer},
                       row{empty, no_tcp, errc::truncated_no_tcp}, row{no_tcp, refused, errc::server_refused},
                       row{refused, servfail, errc::server_failure}, row{empty, empty, errc::empty_answer}}) {
    for (const bool swapped : {false, true}) {
      INFO(make_error_code(r.outcome).message() << (swapped ? ", swapped" : ""));
      exchange_scene s(2);
      exchange e = s.make();
      (void)e.start(s.now);
      CHECK((swapped ? r.second : r.first)(s, e).server == 1);
      CHECK((swapped ? r.first : r.second)(s, e).what == step::done);
      CHECK(e.status() == r.outcome);
      CHECK(e.take_result().report.server.empty());
    }
  }
}

TEST_CASE("exchange: truncated and TCP fails in any way: the next server, then an error of its own",
          "[transport][rule-5][fault-X8][fault-X22]") {
  exchange_scene s(2);
  exchange e = s.make();
  auto action = e.start(s.now);
  action = e.on_datagram(s.truncated_for(e), s.now);
  REQUIRE(action.what == step::send_tcp);
  SECTION("refused") { action = e.on_network_failure(boost::asio::error::connection_refused, s.now); }
  SECTION("ended early") { action = e.on_network_failure(boost::asio::error::eof, s.now); }
  SECTION("stalled") { action = e.on_timer(s.now = action.until); }
  CHECK(action.what == step::send_udp);
  CHECK(action.server == 1);
  action = e.on_datagram(s.truncated_for(e), s.now);
  action = e.on_network_failure(boost::asio::error::connection_refused, s.now);
  CHECK(action.what == step::done);
  CHECK(e.status() == errc::truncated_no_tcp);
}

TEST_CASE("exchange: garbage over TCP fails the server at once", "[transport][fault-X25][fault-W30]") {
  exchange_scene s(2);
  s.with.tcp_only = true;
  exchange e = s.make();
  REQUIRE(e.start(s.now).what == step::send_tcp);
  const octets message = [&] {
    octets good = s.data_for(e);
    switch (GENERATE(range(0, 4))) {
      case 0: return octets{};
      case 1: return octets{0};
      case 2: good[0] ^= 0xFF; return good;
      default: good.resize(good.size() - 1); return good;
    }
  }();
  const auto action = e.on_stream_message(message, s.now);
  CHECK(action.what == step::send_tcp);
  CHECK(action.server == 1);
  CHECK(e.on_stream_message(message, s.now).what == step::done);
  CHECK(e.status() == errc::malformed_message);
}

TEST_CASE("exchange: nothing is sent at or after the deadline", "[transport][rule-1]") {
  exchange_scene s(2);
  exchange e = s.make();
  SECTION("at the start") {
    CHECK(e.start(s.with.deadline).what == step::done);
    CHECK(e.take_result().report.attempts.empty());
  }
  SECTION("after a failure") {
    (void)e.start(s.now);
    CHECK(e.on_datagram(s.truncated_for(e), s.with.deadline).what == step::done);
    CHECK(e.take_result().report.attempts.size() == 1);
  }
  CHECK(e.status() == errc::timed_out);
}

TEST_CASE("exchange: an attempt given up is reported as such, not as answered", "[transport][fault-X36]") {
  exchange_scene s(1);
  exchange e = s.make();
  (void)e.start(s.now);
  e.stop(boost::asio::error::operation_aborted, s.now + 3ms);
  const query_report report = e.take_result().report;
  CHECK(report.status == boost::asio::error::operation_aborted);
  REQUIRE(report.attempts.size() == 1);
  CHECK(report.attempts[0].result == boost::asio::error::operation_aborted);
  CHECK(report.attempts[0].elapsed == 3ms);
}

TEST_CASE("exchange: a zone file is reported as a file", "[transport]") {
  exchange_scene s(1);
  s.with.servers[0].is_file = true;
  exchange e = s.make();
  CHECK(e.start(s.now).what == step::send_udp);
  (void)e.on_datagram(s.data_for(e), s.now);
  CHECK(e.take_result().report.attempts.at(0).transport == dns_transport::file);
}

// The first server refuses EDNS, then truncates, then answers over TCP: three steps, each of which fails once. The
// second is well.
TEST_CASE("exchange: a failure at any step still ends in the answer of the next server", "[transport][replay]") {
  const std::string failure =
      GENERATE(as<std::string>{}, "timeout", "refused", "no descriptor", "garbage", "servfail", "late");
  for (std::size_t failing = 0; failing < 4; ++failing) {
    INFO(failure << " at step " << failing);
    exchange_scene s(2);
    exchange e = s.make();
    auto action = e.start(s.now);
    std::size_t sent = 0;
    while (action.what != step::done) {
      REQUIRE(sent < 10);
      if (action.what == step::wait) {
        action = e.on_timer(s.now = action.until);
        continue;
      }
      const auto deliver = [&](const octets& m) {
        return e.over() == dns_transport::udp ? e.on_datagram(m, s.now) : e.on_stream_message(m, s.now);
      };
      if (sent++ == failing) {
        if (failure == "timeout") action = e.on_timer(s.now = action.until);
        if (failure == "refused") action = e.on_network_failure(boost::asio::error::connection_refused, s.now);
        if (failure == "no descriptor") action = e.on_local_failure(boost::asio::error::no_descriptors, s.now);
        if (failure == "garbage") action = deliver({1, 2, 3});
        if (failure == "servfail") action = deliver(s.rcode_for(e, rcode::servfail));
        if (failure == "late") action = deliver(message_builder(id_of(e.query()) - 1U).response().bytes());
      } else if (action.server == 1) {
        action = deliver(s.data_for(e));
      } else if (has_edns(e.query())) {
        action = deliver(s.rcode_for(e, rcode::formerr));
      } else if (e.over() == dns_transport::udp) {
        action = deliver(s.truncated_for(e));
      } else {
        action = deliver(s.data_for(e));
      }
    }
    CHECK_FALSE(e.status());
    const query_result result = e.take_result();
    CHECK(result.report.attempts.size() == sent);
    CHECK(std::get<std::vector<srv_record>>(result.answer.records).at(0).port == 80);
    for (std::size_t i = 0; i + 1 < sent; ++i) CHECK(result.report.attempts[i].result.failed());
    CHECK_FALSE(result.report.attempts.back().result.failed());
  }
}
