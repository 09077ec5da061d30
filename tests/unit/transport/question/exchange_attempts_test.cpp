// Several attempts of one query at once: late replies, probes, TCP beside UDP, and the paths in
// FAULTS.
#include "unit/transport/exchange_scene.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

const error_code refused = boost::asio::error::connection_refused;

/// s0 did not answer the queries of the last two seconds and is due for a probe.
void demote_first(exchange_scene& s) {
  s.start();
  for (int i = 0; i < 2; ++i) s.book->on_timeout(0, s.now, s.now);
  REQUIRE(s.book->is_demoted(0));
  s.now += 2s;
}

std::size_t count_udp(const exchange_scene& s) {
  return static_cast<std::size_t>(std::ranges::count_if(s.sent, [](const auto& m) { return m.how == step::send_udp; }));
}

}  // namespace

TEST_CASE("exchange: a late reply to an earlier attempt is as good", "[transport][rule-7][fault-X34]") {
  exchange_scene s(2);
  s.start();
  while (s.now + s.patience() < s.began + 2s) s.expire();
  REQUIRE(s.sent.size() == 4);
  s.now = s.began + 2s;
  CHECK(s.deliver(s.data(s.sent[0]), 0).is_done());
  CHECK_FALSE(s.status());
  const query_report report = s.decides->take_result().report;
  CHECK(report.server == "s0");
  CHECK_FALSE(report.attempts[0].result);
  CHECK(report.attempts[0].elapsed == 2s);
  CHECK(report.attempts[1].result == errc::query_timed_out);
  CHECK(report.attempts[3].result == boost::system::errc::operation_canceled);
}

TEST_CASE("exchange: the ID of one attempt does not open another", "[transport][rfc5452][rfc-check-54][rule-7]") {
  exchange_scene s(1);
  s.start().expire();
  CHECK_FALSE(s.deliver(s.data(s.sent[0]), 1).is_done());
  CHECK_FALSE(s.deliver(s.data(s.sent[1]), 0).is_done());
}

TEST_CASE("exchange: the latest eight attempts are open", "[transport][rule-7]") {
  exchange_scene s(1);
  s.with.first_timeout = s.timing.first_timeout = 10ms;
  s.start();
  while (s.sent.size() < 9) s.expire();
  CHECK_FALSE(s.decides->is_open(s.last().attempt - 8));
  CHECK(s.decides->is_open(s.last().attempt - 7));
  CHECK_FALSE(s.deliver(s.data(s.sent[0]), 0).is_done());
  CHECK(s.deliver(s.data(s.sent[s.sent.size() - 8]), s.sent.size() - 8).is_done());
}

TEST_CASE("exchange: a late failure moves on only from the server that is waited for", "[transport][rule-5][rule-7]") {
  exchange_scene s(2);
  s.start().expire();
  REQUIRE(s.last().server == 1);
  const auto until = s.state.until;
  SECTION("of another server") {
    s.deliver(s.code(s.sent[0], rcode::servfail), 0);
    CHECK(s.sent.size() == 2);
    CHECK(s.state.until == until);
    CHECK(s.expire().last().server == 0);  // its second turn
  }
  SECTION("of the same server") {
    s.expire();
    REQUIRE(s.last().server == 0);
    s.deliver(s.code(s.sent[0], rcode::servfail), 0);
    CHECK(s.sent.size() == 4);
    CHECK(s.last().server == 1);
    SECTION("its later attempt still counts") { CHECK(s.deliver(s.data(s.sent[2]), 2).is_done()); }
  }
}

TEST_CASE("exchange: a demoted server gets the query beside the normal one, the first answer counts",
          "[transport][rule-8][fault-X14]") {
  exchange_scene s(2);
  demote_first(s);
  s.start();
  REQUIRE(s.sent.size() == 2);
  CHECK(s.sent[0].server == 1);
  CHECK(s.sent[1].server == 0);
  CHECK(s.patience() == 400ms);
  SECTION("the normal one") {
    s.now += 10ms;
    CHECK_FALSE(s.deliver(s.data(s.sent[0]), 0).is_done());
    CHECK(s.patience() == 40ms);  // the answer is held for the probe
    SECTION("which is silent") {
      CHECK(s.expire().is_done());
      CHECK(s.book->is_demoted(0));
    }
    SECTION("which refuses") {
      CHECK(s.fail(refused, 1).is_done());
      CHECK(s.book->is_demoted(0));
    }
    SECTION("which answers late") {
      CHECK(s.deliver(s.data(s.sent[1]), 1).is_done());
      CHECK_FALSE(s.book->is_demoted(0));
    }
    SECTION("which is slower than what is forged for it") {
      CHECK_FALSE(s.deliver({1, 2}, 1).is_done());
      CHECK(s.deliver(s.code(s.sent[1], rcode::servfail), 1).is_done());
      CHECK_FALSE(s.book->is_demoted(0));
    }
    CHECK_FALSE(s.status());
    const query_report report = s.decides->take_result().report;
    CHECK(report.server == "s1");
    CHECK(report.attempts[1].result);
  }
  SECTION("the probe") {
    CHECK(s.deliver(s.data(s.sent[1]), 1).is_done());
    CHECK(s.decides->take_result().report.server == "s0");
    CHECK_FALSE(s.book->is_demoted(0));
    s.start();
    CHECK(s.sent.size() == 1);
    CHECK(s.sent[0].server == 0);
  }
  SECTION("a probe that fails is no reason to wait less") {
    const int how = GENERATE(range(0, 4));
    switch (how) {
      case 0: s.fail(refused, 1); break;
      case 1: s.deliver(s.code(s.sent[1], rcode::servfail), 1); break;
      case 2: s.fail(boost::asio::error::no_descriptors, 1); break;
      default: s.deliver({1, 2}, 1); break;
    }
    CHECK(s.sent.size() == 2);
    CHECK(s.patience() == 400ms);
    CHECK(s.deliver(s.data(s.sent[0]), 0).is_done() == (how != 3));  // a bad datagram leaves it open
  }
  SECTION("a probe that gets a truncated reply is followed over TCP") {
    s.deliver(s.truncated(s.sent[1]), 1);
    CHECK(s.last().how == step::send_stream);
    CHECK(s.last().server == 0);
    SECTION("there") { CHECK(s.deliver(s.data()).is_done()); }
    SECTION("while the normal one counts as before") { CHECK(s.deliver(s.data(s.sent[0]), 0).is_done()); }
    SECTION("and the normal one gets its next turn") {
      s.fail(refused);
      CHECK(s.last().server == 1);
      CHECK(s.last().how == step::send_udp);
    }
  }
  SECTION("without EDNS if it wants") {
    s.deliver(s.code(s.sent[1], rcode::formerr), 1);
    CHECK(s.last().server == 0);
    CHECK_FALSE(has_edns(s.last().query));
    CHECK(s.deliver(s.data()).is_done());
  }
  SECTION("when the normal one is refused, the probed server has its turn") {
    s.fail(refused, 0);
    CHECK(s.last().server == 0);
    CHECK(s.deliver(s.data(s.sent[1]), 1).is_done());
  }
}

TEST_CASE("exchange: when the normal query cannot even be sent, the probe is", "[transport][rule-8][replay]") {
  exchange_scene s(2);
  demote_first(s);
  s.decides.emplace(s.asked(), s.with, *s.book, s.store, s.now + 5s);
  const auto first = s.decides->start(s.now);
  REQUIRE(first.server == 1);
  s.sent.clear();
  s.perform(s.decides->on_failure(first.attempt, refused, s.now));
  REQUIRE(s.sent.size() == 2);
  CHECK(s.sent[0].server == 0);
  CHECK(s.sent[1].server == 0);
  CHECK(s.deliver(s.data(s.sent[1]), s.sent[1].attempt).is_done());
}

TEST_CASE("exchange: after two silences TCP is tried beside the third datagram", "[transport][rule-8][fault-X10]") {
  exchange_scene s(1);
  s.start().expire();
  CHECK(s.sent.size() == 2);
  s.expire();
  REQUIRE(s.sent.size() == 4);
  CHECK(s.sent[2].how == step::send_udp);
  CHECK(s.sent[3].how == step::send_stream);
  CHECK(s.patience() == 1600ms);
  SECTION("answered there") {
    CHECK(s.deliver(s.data()).is_done());
    CHECK_FALSE(s.status());
  }
  SECTION("answered by datagram") { CHECK(s.deliver(s.data(s.sent[2]), 2).is_done()); }
  SECTION("its failure is quiet") {
    switch (GENERATE(range(0, 3))) {
      case 0: s.fail(refused); break;
      case 1: s.deliver({1, 2, 3}); break;
      default: s.fail(boost::asio::error::no_descriptors); break;
    }
    CHECK(s.sent.size() == 4);
    CHECK(s.patience() == 1600ms);
    s.expire();
    CHECK(s.sent.size() == 5);
    CHECK(s.last().how == step::send_udp);
  }
  SECTION("its \"no\" is one") {
    CHECK_FALSE(s.deliver(s.code(rcode::servfail)).is_done());
    CHECK_FALSE(s.deliver(s.code(s.sent[2], rcode::servfail), 2).is_done());
    CHECK(s.patience() == 100ms);
    CHECK(s.expire().is_done());
    CHECK(s.status() == errc::server_failure);
  }
  SECTION("a truncated datagram waits for that stream") {
    s.deliver(s.truncated(s.sent[2]), 2);
    CHECK(s.sent.size() == 4);
    CHECK(s.fail(refused, 3).is_done());
    CHECK(s.status() == errc::truncated_no_tcp);
  }
  SECTION("once") {
    s.expire();
    s.expire();
    CHECK(s.sent.size() == 6);
    CHECK(s.last().how == step::send_udp);
  }
}

TEST_CASE("exchange: in five seconds enough datagrams are sent for a loss of one in five each way",
          "[transport][rule-1][rule-7][fault-X34]") {
  exchange_scene s(1);
  s.life = 5s;
  s.start().deliver(s.data());
  const bool is_measured = GENERATE(true, false);
  if (is_measured) REQUIRE(s.book->round_trip(0, s.now));
  if (!is_measured) s.book.reset();
  s.start();
  while (!s.is_done()) s.expire();
  CHECK(count_udp(s) == (is_measured ? 7U : 6U));
  const double lost = 1 - 0.8 * 0.8;
  CHECK(std::pow(lost, 7) < 0.001);
  CHECK(std::any_of(s.sent.begin(), s.sent.end(), [](const auto& m) { return m.how == step::send_stream; }));
}

TEST_CASE("exchange: duplicated and reordered replies end it once", "[transport][fault-X34]") {
  exchange_scene s(1);
  s.start().expire().expire();
  const octets first = s.data(s.sent[0]);
  const octets second = s.data(s.sent[1]);
  CHECK(s.deliver(second, 1).is_done());
  CHECK(s.deliver(first, 0).is_done());
  CHECK(s.deliver(second, 1).is_done());
  const query_report report = s.decides->take_result().report;
  CHECK(std::ranges::count_if(report.attempts, [](const auto& a) { return !a.result.failed(); }) == 1);
}

TEST_CASE("exchange: servers dead for ten minutes are used within five seconds of their return",
          "[transport][rule-8][fault-X15]") {
  exchange_scene s(3);
  s.life = 5s;
  const auto outage_ends = s.now + 10min;
  const std::size_t returning = GENERATE(range(0U, 3U));
  const bool is_closed_port = GENERATE(false, true);
  while (s.now < outage_ends) {  // a query every five seconds, because failures are cached that long
    const auto next = s.now + 5s;
    s.start();
    while (!s.is_done()) {
      if (is_closed_port)
        s.fail(refused);
      else
        s.expire();
    }
    s.now = std::max(next, s.now);
  }
  s.start();
  const auto asked = s.now;
  std::size_t handled = 0;
  while (!s.is_done()) {
    if (handled == s.sent.size()) {
      s.expire();
    } else if (const auto m = s.sent[handled++]; m.server == returning && m.how == step::send_udp) {
      s.deliver(s.data(m), m.attempt);
    } else if (is_closed_port) {
      s.fail(refused, m.attempt);
    }
  }
  CHECK_FALSE(s.status());
  CHECK(s.now - asked < 1s);
  s.start();
  CHECK(s.sent[0].server == returning);
}

TEST_CASE("exchange: without a deadline a silent server is asked again and again, every 10 s at last",
          "[transport][rule-1][fault-O36]") {
  exchange_scene s(1);
  s.life = std::chrono::milliseconds::max();
  s.start();
  for (int turns = 0; turns < 100; ++turns) s.expire();
  CHECK_FALSE(s.is_done());
  CHECK(s.patience() == 10s);
  CHECK(s.deliver(s.data()).is_done());
  CHECK_FALSE(s.status());
}

TEST_CASE("exchange: a first timeout of max() is no limit, the deadline is one", "[transport][rule-1][fault-O36]") {
  exchange_scene s(1);
  s.with.tcp_only = true;  // over UDP the round trip time decides
  s.with.first_timeout = s.timing.first_timeout = std::chrono::milliseconds::max();
  const bool has_deadline = GENERATE(true, false);
  if (!has_deadline) s.life = std::chrono::milliseconds::max();
  s.start();
  CHECK(s.state.until > s.now);
  if (has_deadline) {
    for (int turns = 0; turns < 100 && !s.is_done(); ++turns) s.expire();
    CHECK(s.status() == errc::query_timed_out);
    CHECK(s.now == s.deadline());
  } else {
    CHECK_FALSE(s.deliver(s.data()).status());
  }
}
