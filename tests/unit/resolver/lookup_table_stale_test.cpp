// The results when DNS does not answer (RFC 8767), and the queries of a watcher.
#include "unit/resolver/paper_world.hpp"

#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

using mode = lookup_table::mode;

const question host{name_of("h.example.com"), rr_type::a};

// One answer with a TTL of 60 s, learned `age` ago.
paper_world having_learned(boot_clock::duration age) {
  paper_world w;
  w.dns.a("h.example.com", {"192.0.2.1"});
  (void)w.look_up(host);
  w.advance(age);
  return w;
}

}  // namespace

TEST_CASE("lookup table: a failed refresh delivers the stale answer at once, for 30 s",
          "[resolver][rfc8767][rfc-check-63][fault-C9]") {
  paper_world w = having_learned(100s);
  w.broken = errc::server_failure;
  const lookup kept = w.look_up(host);
  CHECK_FALSE(kept.status);
  CHECK(kept.stale);
  CHECK(kept.ttl == 30s);
  CHECK(kept.failure == errc::server_failure);
  CHECK(kept.report.status == errc::server_failure);  // reports the real query
  CHECK_FALSE(kept.report.from_cache);
  CHECK(w.sent() == 2);
  const lookup again = w.look_up(host);  // in the back-off time, without a query
  CHECK(again.stale);
  CHECK(again.report.from_cache);
  CHECK(w.sent() == 2);
  CHECK(w.table.statistics().stale_hits == 2);
  w.advance_to(again.again_at);
  w.broken = {};
  CHECK_FALSE(w.look_up(host).stale);
}

TEST_CASE("lookup table: a slow refresh delivers the stale answer after 1.8 s and goes on",
          "[resolver][rfc8767][rfc-check-63]") {
  paper_world w = having_learned(100s);
  const auto waiter = w.table.ask(host, w.now + 5s, mode::normal, w.now).waiter;
  const auto query = w.table.take_queries().at(0).number;
  w.advance(1799ms);
  CHECK(w.answers.empty());
  w.advance(1ms);
  REQUIRE(w.answers.contains(waiter));
  CHECK(w.answers.at(waiter).stale);
  CHECK(w.answers.at(waiter).failure == errc::query_timed_out);
  CHECK(w.table.take_cancelled().empty());
  w.advance(1s);
  w.table.on_result(query, w.result_for(host), w.now);
  CHECK_FALSE(w.look_up(host).stale);
}

TEST_CASE("lookup table: a fresh no outweighs stale data", "[resolver][rfc8767][rfc-check-63]") {
  paper_world w = having_learned(100s);
  w.dns.results.clear();
  w.dns.negative_ttl = 30s;
  CHECK(w.look_up(host).status == errc::nxdomain);
  w.broken = errc::server_failure;
  w.advance(10s);
  CHECK(w.look_up(host).status == errc::nxdomain);
}

TEST_CASE("lookup table: stale answers end at their limit", "[resolver][rfc8767][rfc-check-63][fault-C9]") {
  paper_world w = having_learned(60s + 24h + 1s);
  w.broken = errc::server_failure;
  CHECK(w.look_up(host).status == errc::server_failure);
}

TEST_CASE("lookup table: who refreshes waits for the new answer as soon as it is due", "[resolver][fault-C19]") {
  paper_world w = having_learned(40s);
  CHECK(w.look_up(host, mode::refresh).from_cache);  // not due yet
  w.advance(18s);
  SECTION("answered") {
    const lookup fresh = w.look_up(host, mode::refresh);
    CHECK_FALSE(fresh.from_cache);
    CHECK(fresh.ttl == 60s);
  }
  SECTION("failed: the old one and the reason, again at its TTL's end at the latest") {
    w.broken = errc::network_failure;
    const lookup kept = w.look_up(host, mode::refresh);
    CHECK_FALSE(kept.status);
    CHECK_FALSE(kept.stale);
    CHECK(kept.failure == errc::network_failure);
    CHECK(kept.again_at <= w.now + 2s);
    CHECK(w.look_up(host, mode::refresh).failure == errc::network_failure);
    CHECK(w.sent() == 2);
    w.advance(2s);
    CHECK(w.look_up(host, mode::refresh).stale);
  }
  SECTION("slow: no stale answer before the deadline, then what is held") {
    const auto waiter = w.table.ask(host, w.now + 1s, mode::refresh, w.now).waiter;
    const auto other = w.table.ask(host, w.now + 5s, mode::refresh, w.now).waiter;
    const auto query = w.table.take_queries().at(0).number;
    w.broken = errc::query_timed_out;
    w.advance(1s);
    w.table.on_result(query, w.result_for(host), w.now);
    w.advance(3s);
    w.answer_queries();
    CHECK(w.answers.contains(waiter));
    CHECK(w.answers.contains(other));
    CHECK(w.answers.at(waiter).data);
  }
}

TEST_CASE("lookup table: failing at any query of a sequence, nobody is left without an answer",
          "[resolver][fault-C9][fault-X36]") {
  for (std::size_t failing = 0; failing < 12; ++failing) {
    paper_world w;
    w.dns.a("h.example.com", {"192.0.2.1"});
    w.dns.results.at(host).answer.ttl = 3s;
    for (std::size_t i = 0; i < 12; ++i) {
      w.broken = i == failing ? error_code(errc::server_failure) : error_code();
      const lookup got = w.look_up(host, i % 2 == 0 ? mode::normal : mode::refresh);
      CHECK(bool(got.data) == (i != failing || i > 0));
      if (!got.data) w.advance_to(got.again_at);
      w.advance(1s);
    }
    CHECK_FALSE(w.table.next_event());
  }
}
