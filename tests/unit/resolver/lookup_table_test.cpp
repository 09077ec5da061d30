// Which lookups become queries, which share a query, and who receives which result.
#include "unit/resolver/paper_world.hpp"

#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

using mode = lookup_table::mode;

const question host{name_of("h.example.com"), rr_type::a};

paper_world with_ttl(std::chrono::seconds ttl) {
  paper_world w;
  w.dns.a("h.example.com", {"192.0.2.1"});
  w.dns.results.at(host).answer.ttl = ttl;
  return w;
}

ip_address address_of(const lookup& l) { return std::get<std::vector<ip_address>>(l.data->records).at(0); }

}  // namespace

TEST_CASE("lookup table: an answer is given again while its TTL lasts, with what remains of it",
          "[resolver][rfc1035][rfc2181][rfc-check-59][rfc-check-65]") {
  paper_world w = with_ttl(60s);
  const lookup first = w.look_up(host);
  CHECK_FALSE(first.status);
  CHECK(first.ttl == 60s);
  CHECK_FALSE(first.from_cache);
  CHECK_FALSE(first.report.from_cache);
  w.advance(10s);
  const lookup second = w.look_up(host);
  CHECK(second.ttl == 50s);
  CHECK(second.from_cache);
  CHECK(second.report.from_cache);
  CHECK(second.report.attempts.empty());
  CHECK(second.report.server == "paper");
  CHECK(second.data == first.data);
  CHECK(second.again_at > w.now);
  w.advance(51s);
  CHECK(w.look_up(host).ttl == 60s);
  CHECK(w.sent() == 2);
  CHECK(w.table.statistics().hits == 1);
  CHECK(w.table.statistics().misses == 2);
  CHECK(w.table.statistics().queries == 2);
}

TEST_CASE(
    "lookup table: near the end of its TTL an answer is given at once and asked for besides; failing that it "
    "serves to its end",
    "[resolver][fault-C19]") {
  paper_world w = with_ttl(100s);
  (void)w.look_up(host);
  w.advance(79s);
  (void)w.look_up(host);
  CHECK(w.sent() == 1);  // never before 80 %
  w.advance(17s);        // always after 95 %
  w.broken = errc::server_failure;
  const auto asked = w.table.ask(host, w.now + 5s, mode::normal, w.now);
  REQUIRE(asked.answer);
  CHECK_FALSE(asked.answer->stale);
  w.answer_queries();
  CHECK(w.sent() == 2);
  const lookup meanwhile = w.look_up(host);  // no new query before retry_at
  CHECK_FALSE(meanwhile.stale);
  CHECK(meanwhile.failure == errc::server_failure);
  CHECK(w.sent() == 2);
  w.advance(2s);
  w.broken = {};
  REQUIRE(w.table.ask(host, w.now + 5s, mode::normal, w.now).answer);
  w.answer_queries();
  CHECK(w.look_up(host).ttl == 100s);
  CHECK(w.sent() == 3);
}

TEST_CASE("lookup table: who asks the same shares one query, and cancelling one leaves it to the others",
          "[resolver][rfc5452][fault-X4][fault-C10]") {
  paper_world w = with_ttl(60s);
  std::vector<lookup_table::id> waiters;
  for (int i = 0; i < 1000; ++i) waiters.push_back(w.table.ask(host, w.now + 5s, mode::normal, w.now).waiter);
  w.table.leave(waiters[0]);
  w.table.leave(waiters[500]);
  w.answer_queries();
  CHECK(w.sent() == 1);
  CHECK(w.answers.size() == 998);
  CHECK(w.table.take_cancelled().empty());
  CHECK(w.table.statistics().coalesced == 999);
}

TEST_CASE("lookup table: a query nobody waits for ends at once, and keeps no loop running",
          "[resolver][fault-X36][fault-O10]") {
  paper_world w = with_ttl(60s);
  const auto waiter = w.table.ask(host, w.now + 5s, mode::normal, w.now).waiter;
  const auto query = w.table.take_queries().at(0).number;
  w.table.leave(waiter);
  CHECK(w.table.take_cancelled() == std::vector{query});
  CHECK_FALSE(w.table.next_event());
  w.table.on_result(query, w.result_for(host), w.now);
  (void)w.table.ask(host, w.now + 5s, mode::normal, w.now);
  CHECK(w.table.take_queries().size() == 1);
  w.table.leave(waiter);
  w.table.leave(12345);
}

TEST_CASE("lookup table: who asks anew gets an answer to a query sent from then on", "[resolver][rule-12]") {
  paper_world w = with_ttl(60s);
  const auto first = w.look_up(host).data;
  SECTION("whatever is kept") {
    const auto asked = w.table.ask(host, w.now + 5s, mode::anew, w.now);
    CHECK_FALSE(asked.answer);
    w.answer_queries();
    CHECK(w.answers.at(asked.waiter).data != first);
  }
  SECTION("whatever is under way, which is then sent again for all") {
    w.advance(58s);
    const auto refreshing = w.table.ask(host, w.now + 5s, mode::refresh, w.now).waiter;
    const auto old = w.table.take_queries().at(0).number;
    w.advance(10ms);
    const auto asked = w.table.ask(host, w.now + 5s, mode::anew, w.now).waiter;
    CHECK(w.table.take_cancelled() == std::vector{old});
    w.table.on_result(old, w.result_for(host), w.now);
    CHECK(w.table.take_answers().empty());
    w.answer_queries();
    CHECK(w.answers.contains(refreshing));
    CHECK(w.answers.contains(asked));
  }
  SECTION("once a second for a question, however many ask") {
    std::vector<lookup_table::id> waiters;
    for (int i = 0; i < 100; ++i) waiters.push_back(w.table.ask(host, w.now + 5s, mode::anew, w.now).waiter);
    CHECK(w.table.take_queries().size() == 1);
  }
}

TEST_CASE("lookup table: a waiter whose time is prolonged gets the answer that comes in it", "[resolver][rule-3]") {
  paper_world w = with_ttl(60s);
  const auto other = w.table.ask(host, w.now + 5s, mode::normal, w.now).waiter;
  const auto waiter = w.table.ask(host, w.now + 1s, mode::normal, w.now).waiter;
  w.table.prolong(waiter, w.now + 4s);
  w.table.prolong(waiter, w.now + 2s);  // not later than its own deadline
  w.advance(3s);
  CHECK(w.answers.empty());
  w.answer_queries();
  CHECK(w.answers.contains(other));
  CHECK(w.answers.contains(waiter));
  CHECK_FALSE(w.table.next_event());
}

TEST_CASE("lookup table: TTL 0 is for those who wait, and for nobody later",
          "[resolver][rfc1035][rfc-check-60][fault-C1]") {
  paper_world w = with_ttl(0s);
  const auto a = w.table.ask(host, w.now + 5s, mode::normal, w.now).waiter;
  const auto b = w.table.ask(host, w.now + 5s, mode::normal, w.now).waiter;
  w.answer_queries();
  CHECK(w.sent() == 1);
  CHECK(w.answers.at(a).ttl == 0s);
  CHECK_FALSE(w.answers.at(b).status);
  CHECK_FALSE(w.look_up(host).from_cache);
  CHECK(w.sent() == 2);
}

TEST_CASE("lookup table: a success with TTL 0 ends the back-off after a failure", "[resolver][fault-C18]") {
  paper_world w = with_ttl(0s);
  w.broken = errc::server_failure;
  CHECK(w.look_up(host).status == errc::server_failure);
  w.broken = {};
  w.advance(2s);
  CHECK_FALSE(w.look_up(host).status);
  CHECK_FALSE(w.look_up(host).status);
  CHECK(w.sent() == 3);
}

TEST_CASE("lookup table: a failure is not repeated before its back-off ends, which is within 5 s",
          "[resolver][rfc9520][rfc-check-62][fault-X15]") {
  paper_world w = with_ttl(60s);
  w.broken = errc::server_failure;
  for (int i = 0; i < 20; ++i) {
    const lookup failed = w.look_up(host);
    CHECK(failed.status == errc::server_failure);
    CHECK(failed.again_at > w.now);
    CHECK(failed.again_at <= w.now + 5s);
    const std::size_t sent = w.sent();
    w.advance(500ms);
    CHECK(w.look_up(host).report.from_cache);
    CHECK(w.sent() == sent);
    w.advance_to(failed.again_at);
  }
  w.broken = {};
  CHECK_FALSE(w.look_up(host).status);
}

TEST_CASE("lookup table: each waiter has its own deadline", "[resolver]") {
  paper_world w = with_ttl(60s);
  const auto long_one = w.table.ask(host, w.now + 5s, mode::normal, w.now).waiter;
  const auto query = w.table.take_queries().at(0);
  CHECK(query.deadline == w.now + 5s);
  const auto short_one = w.table.ask(host, w.now + 1s, mode::normal, w.now).waiter;
  const auto longest = w.table.ask(host, w.now + 8s, mode::normal, w.now).waiter;
  w.advance(1s);
  REQUIRE(w.answers.contains(short_one));
  CHECK(w.answers.at(short_one).status == errc::query_timed_out);
  CHECK(w.answers.size() == 1);

  w.advance(4s);
  w.broken = errc::query_timed_out;
  w.table.on_result(query.number, w.result_for(host), w.now);
  w.broken = {};
  w.answer_queries();  // a new query for the waiters that have time left
  CHECK(w.answers.at(long_one).status == errc::query_timed_out);
  CHECK_FALSE(w.answers.at(longest).status);
}

TEST_CASE("lookup table: a short deadline says nothing of the server", "[resolver][rfc9520]") {
  paper_world w = with_ttl(60s);
  const auto waiter = w.table.ask(host, w.now + 100ms, mode::normal, w.now).waiter;
  const auto query = w.table.take_queries().at(0).number;
  w.advance(100ms);
  w.broken = errc::query_timed_out;
  w.table.on_result(query, w.result_for(host), w.now);
  w.advance(0s);
  CHECK(w.answers.at(waiter).status == errc::query_timed_out);
  w.broken = {};
  CHECK_FALSE(w.look_up(host).status);
}

TEST_CASE("lookup table: without a cache every question becomes a query, still one at a time", "[resolver]") {
  paper_world w(resolver_options{.cache = std::nullopt});
  w.dns.a("h.example.com", {"192.0.2.1"});
  const auto a = w.table.ask(host, w.now + 5s, mode::normal, w.now).waiter;
  const auto b = w.table.ask(host, w.now + 5s, mode::normal, w.now).waiter;
  w.answer_queries();
  CHECK(w.answers.at(a).data == w.answers.at(b).data);
  CHECK_FALSE(w.look_up(host).from_cache);
  CHECK(w.sent() == 2);
}

TEST_CASE("lookup table: what was learned before a renewal is asked again, and serves only as stale",
          "[resolver][fault-C14][fault-C15]") {
  paper_world w = with_ttl(60s);
  (void)w.look_up(host);
  w.advance(1s);
  w.table.renew(w.now);
  SECTION("answered") {
    w.dns.a("h.example.com", {"192.0.2.2"});
    CHECK(address_of(w.look_up(host)) == ip_address::v4({192, 0, 2, 2}));
    CHECK(w.look_up(host).from_cache);
  }
  SECTION("not answered") {
    w.broken = errc::network_failure;
    const lookup kept = w.look_up(host);
    CHECK(kept.stale);
    CHECK(address_of(kept) == ip_address::v4({192, 0, 2, 1}));
  }
}

TEST_CASE("lookup table: clearing forgets answers, those on their way included", "[resolver][fault-C15]") {
  paper_world w = with_ttl(60s);
  (void)w.look_up(host);
  w.advance(100s);
  const auto before = w.table.ask(host, w.now + 5s, mode::normal, w.now).waiter;
  const auto query = w.table.take_queries().at(0).number;
  w.table.clear();
  w.table.on_result(query, w.result_for(host), w.now);
  w.answer_queries();
  CHECK_FALSE(w.answers.at(before).status);
  CHECK_FALSE(w.look_up(host).from_cache);
}

TEST_CASE("lookup table: an alias whose target is not told is delivered and not kept", "[resolver][fault-N14]") {
  paper_world w;
  w.dns.alias("h.example.com", rr_type::a, "o.example.net");
  const lookup first = w.look_up(host);
  CHECK(first.status == errc::empty_answer);
  REQUIRE(first.data);
  CHECK(first.data->canonical == name_of("o.example.net"));
  CHECK_FALSE(first.failure);
  CHECK_FALSE(w.look_up(host).from_cache);
}

TEST_CASE("lookup table: a no or a failure from the cache still tells what the name server said",
          "[resolver][rfc8914][fault-O15]") {
  paper_world w;
  const std::vector<extended_error> said{{22, "at delegation example.com"}};
  SECTION("a failure") {
    query_result failed = w.dns.answer_to(host);
    failed.answer = {};
    failed.report.status = failed.answer.status = errc::server_failure;
    failed.report.attempts = {{"192.0.2.53", dns_transport::udp, errc::server_failure, {}, 0, said}};
    w.dns.results[host] = failed;
  }
  SECTION("a no") {
    query_result no = w.dns.answer_to(host);
    no.answer.status = no.report.status = errc::nxdomain;
    no.answer.ttl = 60s;
    no.answer.extended_errors = said;
    no.report.attempts = {{"192.0.2.53", dns_transport::udp, {}, {}, 0, said}};
    w.dns.results[host] = no;
  }
  CHECK(extended_errors_of(w.look_up(host).report) == said);
  const lookup again = w.look_up(host);
  REQUIRE(again.from_cache);
  CHECK(extended_errors_of(again.report) == said);
}
