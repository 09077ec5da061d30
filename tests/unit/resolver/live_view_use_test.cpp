// A view that is kept for connects: which data they use, when they wait, and when the view queries
// DNS.
#include "unit/resolver/paper_views.hpp"

#include <catch2/catch.hpp>

#include <list>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

using usability = live_view::usability;

constexpr auto the_name = "_x._tcp.example.com";
constexpr auto the_host = "h1.example.com";

service_query connecting(std::string_view text) {
  service_query query = query_of(text);
  query.want_txt = false;
  query.resolution_delay = 50ms;
  return query;
}

// One instance on one host.
struct scene {
  paper_router world;
  paper_view service;

  explicit scene(std::chrono::seconds ttl = 60s, view_options options = {1s, 0ms})
      : service(world, connecting(the_name), options) {
    world.dns.negative_ttl = 300s;
    world.dns.data(the_name, rr_type::srv, std::vector{srv_of(0, 5, 80, the_host)}, ttl);
    world.dns.data(the_host, rr_type::a, std::vector{ip_address::from_text("192.0.2.1").value()}, ttl);
    world.dns.data(the_host, rr_type::aaaa, std::vector{ip_address::from_text("2001:db8::1").value()}, ttl);
  }
  void move_to(const std::string& address) {
    const auto ttl = world.dns.results.at({name_of(the_host), rr_type::a}).answer.ttl;
    world.dns.data(the_host, rr_type::a, std::vector{ip_address::from_text(address).value()}, ttl);
  }
  usability used() { return service.use().state; }
  live_view& live() { return *service.live; }
};

const lines known{"h1.example.com.:80 192.0.2.1 2001:db8::1"};

}  // namespace

TEST_CASE("live view: who comes first waits, whoever comes later goes on at once", "[resolver][view]") {
  scene s;
  s.world.delay = 3ms;
  const auto first = s.service.use();
  CHECK(first.state == usability::waiting);
  CHECK_FALSE(first.until);
  CHECK(s.used() == usability::waiting);
  s.service.run(10ms);
  CHECK(s.live().has_settled(first.walk));
  CHECK(s.live().state() == usability::usable);
  CHECK(s.used() == usability::usable);
  CHECK(s.service.endpoints() == known);
  const std::size_t sent = s.world.sent();
  for (int i = 0; i < 40; ++i) {
    s.service.run(1s);
    CHECK(s.used() == usability::usable);
  }
  CHECK(s.world.sent() <= 2 * sent);  // the refresh ahead of expiry
}

TEST_CASE("live view: nothing that is missing is waited for longer than 50 ms after the first address",
          "[resolver][view][fault-O10][fault-S12]") {
  scene s;
  s.world.delay = 3ms;
  if (GENERATE(true, false)) {
    s.world.dns.unanswered = {{name_of(the_host), rr_type::aaaa}};
  } else {
    s.world.dns.srv(the_name, {srv_of(0, 5, 80, the_host), srv_of(0, 5, 80, "dead.example.com")});
    s.world.dns.unanswered = {{name_of("dead.example.com"), rr_type::a}, {name_of("dead.example.com"), rr_type::aaaa}};
    s.world.dns.a("dead.example.com", {"192.0.2.77"});
  }
  const auto first = s.service.use();
  s.service.run(6ms + 49ms);
  CHECK_FALSE(s.live().has_settled(first.walk));
  s.service.run(1ms);
  CHECK(s.live().has_settled(first.walk));
  CHECK(s.live().state() == usability::usable);
  CHECK_FALSE(s.live().view()->stale);
  SECTION("released, it leaves nothing behind") {
    s.live().release(s.world.now);
    s.world.perform();
    CHECK_FALSE(s.world.next_event());
    CHECK(s.used() == usability::usable);
    s.service.run(500ms);
    CHECK(s.used() == usability::usable);  // queries the missing records again
    CHECK(s.live().is_walking());
  }
  SECTION("what comes later is the next version") {
    const auto version = s.live().version();
    s.world.dns.unanswered.clear();
    s.service.run(7s);
    (void)s.used();
    s.service.run(1s);
    CHECK(s.live().version() > version);
    for (const endpoint& e : s.live().view()->endpoints) CHECK_FALSE(e.addresses.empty());
  }
}

TEST_CASE("live view: answers that come at once are one change", "[resolver][view]") {
  scene s;
  std::vector<srv_record> targets{srv_of(0, 5, 80, the_host)};
  for (int i = 0; i < 100; ++i) {
    const std::string host = "late" + std::to_string(i) + ".example.com";
    targets.push_back(srv_of(0, 5, 80, host));
    s.world.dns.a(host, {"192.0.2." + std::to_string(i)});
  }
  s.world.dns.srv(the_name, targets);
  (void)s.service.use();
  CHECK(s.live().state() == usability::usable);
  CHECK(s.service.news == 1);
  CHECK(s.live().view()->endpoints.size() == 101);
}

TEST_CASE("live view: only a use refreshes it, before the TTL ends, and waits for nothing", "[resolver][view]") {
  scene s(60s);
  (void)s.used();
  const std::size_t first = s.world.sent();
  s.service.run(58s);
  CHECK(s.world.sent() == first);
  CHECK_FALSE(s.world.next_event());  // no timer
  s.move_to("192.0.2.9");
  s.world.delay = 3ms;
  CHECK(s.used() == usability::usable);
  CHECK(s.service.endpoints() == known);
  s.service.run(10ms);
  CHECK(s.service.endpoints() == lines{"h1.example.com.:80 192.0.2.9 2001:db8::1"});
  CHECK(s.used() == usability::usable);
}

TEST_CASE("live view: past its TTL and not asked for, it waits as serve-stale does", "[resolver][view][rfc8767]") {
  scene s(5s);
  (void)s.used();
  s.service.run(10s);
  s.move_to("192.0.2.9");
  SECTION("for the answer") {
    s.world.delay = 3ms;
    const auto asked = s.service.use();
    CHECK(asked.state == usability::waiting);
    CHECK(asked.until == s.world.now + 1800ms);
    CHECK(s.used() == usability::usable);  // queried, no answer yet: no second connect waits
    s.service.run(10ms);
    CHECK(s.live().has_settled(asked.walk));
    CHECK(s.service.endpoints() == lines{"h1.example.com.:80 192.0.2.9 2001:db8::1"});
  }
  SECTION("100 ms while name servers are silent") {
    s.world.is_silent = true;
    paper_view other(s.world, connecting("_y._tcp.example.com"), {1s, 0ms});
    s.world.dns.srv("_y._tcp.example.com", {srv_of(0, 0, 81, the_host)});
    s.world.is_silent = false;
    (void)other.use();
    s.world.is_silent = true;
    s.service.run(60s);
    (void)s.world.router->ask({name_of(the_host), rr_type::a}, s.world.now + 5s, lookup_router::mode::normal,
                              *other.live, s.world.now);
    s.service.run(1900ms);
    const auto asked = s.service.use();
    CHECK(asked.state == usability::waiting);
    CHECK(asked.until == s.world.now + 100ms);
    CHECK(s.service.endpoints() == known);
  }
}

TEST_CASE("live view: while DNS is silent for 30 s, nobody waits whose service is known",
          "[resolver][view][fault-C9]") {
  scene s(5s);
  (void)s.used();
  for (int i = 0; i < 200 * 5; ++i) {
    s.service.run(5ms);
    REQUIRE(s.used() == usability::usable);
  }
  s.world.is_silent = true;
  const std::size_t before = s.world.sent();
  for (int i = 0; i < 200 * 30; ++i) {
    s.service.run(5ms);
    REQUIRE(s.used() == usability::usable);
  }
  CHECK(s.service.endpoints() == known);
  CHECK(s.world.sent() - before <= 3 * 30);
  s.world.is_silent = false;
  s.move_to("192.0.2.9");
  for (int i = 0; i < 200 * 10; ++i) {
    s.service.run(5ms);
    REQUIRE(s.used() == usability::usable);
  }
  CHECK(s.service.endpoints() == lines{"h1.example.com.:80 192.0.2.9 2001:db8::1"});
}

TEST_CASE("live view: TTL 0 starts with what is younger than the shortest interval, and asks for the next",
          "[resolver][view][fault-C1][rfc-check-60]") {
  scene s(0s);
  (void)s.used();
  s.service.run(500ms);
  CHECK(s.used() == usability::usable);
  s.world.delay = 3ms;
  SECTION("used all the time, it is asked for about once in the interval, and nobody waits") {
    const std::size_t before = s.world.sent(the_name, rr_type::srv);
    for (int i = 0; i < 1000; ++i) {
      s.service.run(10ms);
      REQUIRE(s.used() == usability::usable);
    }
    CHECK(s.world.sent(the_name, rr_type::srv) - before <= 13);
    CHECK(s.world.sent(the_name, rr_type::srv) - before >= 9);
  }
  SECTION("older than that, it waits") {
    s.service.run(501ms);
    s.move_to("192.0.2.9");
    CHECK(s.used() == usability::waiting);
    s.service.run(10ms);
    CHECK(s.service.endpoints() == lines{"h1.example.com.:80 192.0.2.9 2001:db8::1"});
  }
}

TEST_CASE("live view: a no is given at once for its TTL, then asked for again", "[resolver][view][fault-C5]") {
  scene s;
  const auto records = std::exchange(s.world.dns.results, {});
  s.world.dns.negative_ttl = 30s;
  CHECK(s.used() == usability::absent);
  CHECK(s.live().status() == errc::nxdomain);
  const std::size_t sent = s.world.sent();
  s.service.run(20s);
  CHECK(s.used() == usability::absent);
  CHECK(s.world.sent() == sent);
  s.world.dns.results = records;
  s.service.run(11s);
  CHECK(s.used() == usability::usable);
}

TEST_CASE("live view: without an answer the first fails, and the next one tries again", "[resolver][view]") {
  scene s;
  s.world.is_silent = true;
  const auto first = s.service.use(200ms);
  CHECK(first.state == usability::waiting);
  s.service.run(450ms);
  CHECK(s.live().has_settled(first.walk));
  CHECK(s.live().state() == usability::failed);
  CHECK(s.live().status() == errc::query_timed_out);
  s.world.is_silent = false;
  CHECK(s.used() == usability::usable);
}

TEST_CASE("live view: a later deadline is that of the walk under way", "[resolver][view]") {
  scene s;
  s.world.is_silent = true;
  const auto first = s.service.use(200ms);
  s.service.run(100ms);
  CHECK(s.service.use(5s).walk == first.walk);
  s.service.run(4s);
  CHECK_FALSE(s.live().has_settled(first.walk));
  s.service.run(2s);
  CHECK(s.live().has_settled(first.walk));
}

TEST_CASE("live view: asked anew, it has what DNS says now; the next time after 5 s, then twice as long",
          "[resolver][view][fault-O24]") {
  scene s(300s);
  (void)s.used();
  s.service.run(200ms);
  s.move_to("192.0.2.9");
  s.world.delay = 3ms;
  const auto first = s.live().ask_anew(s.world.now);
  REQUIRE(first);
  CHECK(s.live().ask_anew(s.world.now) == first);  // all connects that failed wait for the same walk
  s.world.perform();
  CHECK(s.used() == usability::usable);
  s.service.run(10ms);
  CHECK(s.live().has_settled(*first));
  CHECK(s.service.endpoints() == lines{"h1.example.com.:80 192.0.2.9 2001:db8::1"});
  CHECK_FALSE(s.live().ask_anew(s.world.now));
  std::vector<std::chrono::milliseconds> pauses;
  for (auto last = s.world.now; pauses.size() < 8;) {
    s.service.run(100ms);
    if (!s.live().ask_anew(s.world.now)) continue;
    s.world.perform();
    pauses.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(s.world.now - last));
    last = s.world.now;
  }
  for (std::size_t i = 0; i < pauses.size(); ++i) {
    const auto longest = std::min<std::chrono::milliseconds>(5s * (1 << i), 300s);
    INFO("pause " << i << ": " << pauses[i].count() << " ms");
    CHECK(pauses[i] <= longest + 100ms);
    CHECK(pauses[i] >= longest * 3 / 4 - 100ms);
  }
  s.live().on_success();
  s.service.run(300s);
  CHECK(s.live().ask_anew(s.world.now));
}

TEST_CASE("live view: kept fresh for as long as it is used, and no longer", "[resolver][view]") {
  scene s(5s, {1s, 60s});
  (void)s.used();
  s.move_to("192.0.2.9");
  s.service.run(6s);
  CHECK(s.service.endpoints() == lines{"h1.example.com.:80 192.0.2.9 2001:db8::1"});
  CHECK(s.world.next_event());
  s.service.run(60s);
  CHECK_FALSE(s.world.next_event());
  const std::size_t sent = s.world.sent();
  s.service.run(3600s);
  CHECK(s.world.sent() == sent);
}

TEST_CASE("live view: another network makes the next use ask", "[resolver][view][fault-C14]") {
  scene s(3600s);
  (void)s.used();
  s.service.run(60s);
  s.world.delay = 3ms;
  s.world.router->renew(s.world.now);
  CHECK_FALSE(s.live().is_walking());
  CHECK(s.used() == usability::waiting);
}

TEST_CASE("live view: a thousand services at TTL 5 s are asked for once in a TTL each, evenly spread",
          "[resolver][view][fault-C11]") {
  paper_router world;
  world.dns.negative_ttl = 3600s;
  std::list<paper_view> services;
  for (int i = 0; i < 1000; ++i) {
    const std::string service = "_s" + std::to_string(i) + "._tcp.example.com";
    const std::string host = "h" + std::to_string(i) + ".example.com";
    world.dns.data(service, rr_type::srv, std::vector{srv_of(0, 0, 80, host)}, 5s);
    world.dns.data(host, rr_type::a, std::vector{ip_address::from_text("192.0.2.1").value()}, 3600s);
    services.emplace_back(world, connecting(service), view_options{1s, 0ms});
  }
  const bool is_used = GENERATE(true, false);
  for (paper_view& s : services) (void)s.use();
  const std::size_t first = world.sent();
  for (int step = 0; step < 120 * 4; ++step) {
    world.advance(250ms);
    if (!is_used) continue;
    for (paper_view& s : services) REQUIRE(s.use().state == usability::usable);
  }
  if (!is_used) {
    CHECK(world.sent() == first);
    return;
  }
  std::size_t worst = 0, all = 0;
  for (std::size_t second = 60; second < 120; ++second) {
    worst = std::max(worst, world.sent_at[second]);
    all += world.sent_at[second];
  }
  INFO("worst second " << worst << " of " << all << " in a minute");
  CHECK(all <= 1000 * 60 / 4);  // one for each 80 to 95 % of a TTL
  CHECK(worst * 60 * 2 <= all * 3);
}
