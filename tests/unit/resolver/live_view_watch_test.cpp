// When a watcher queries again, its view at that time, and its events.
#include "unit/resolver/paper_views.hpp"

#include <catch2/catch.hpp>

#include <list>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

constexpr auto the_type = "_x._tcp.example.com";
constexpr auto v1 = "v1._x._tcp.example.com";
constexpr auto v2 = "v2._x._tcp.example.com";

// Two instances on two hosts; every record is valid for 60 s, every negative answer for 30 s.
struct scene {
  paper_router world;
  paper_view watcher;

  explicit scene(std::chrono::milliseconds min_interval = 5s)
      : watcher(world, query_of(the_type), watching(min_interval)) {
    world.dns.negative_ttl = 30s;
    world.dns.ptr(the_type, {v1, v2});
    world.dns.srv(v1, {srv_of(0, 5, 80, "h1.example.com")}).txt(v1, "n=1");
    world.dns.srv(v2, {srv_of(0, 5, 80, "h2.example.com")}).txt(v2, "n=2");
    world.dns.a("h1.example.com", {"192.0.2.1"}).a("h2.example.com", {"192.0.2.2"});
  }
  paper_dns& dns() { return world.dns; }
  lines begin() {
    watcher.warm();
    return told();
  }
  lines told() { return texts_of(watcher.events()); }
  [[nodiscard]] lines view() const { return lines_of(*watcher.live->view()); }
  void set_ttl(std::string_view owner, rr_type type, std::chrono::seconds ttl) {
    dns().results.at({name_of(owner), type}).answer.ttl = ttl;
  }
  void break_one(std::string_view owner, rr_type type) { dns().fail(owner, type, errc::server_failure); }
  std::size_t asked(std::string_view owner, rr_type type) {
    return world.queries[to_string(question{name_of(owner), type})];
  }
};

const lines both{"h1.example.com.:80 192.0.2.1", "h2.example.com.:80 192.0.2.2"};

}  // namespace

TEST_CASE("watch: the current set at once, then nothing while nothing changes", "[resolver][watch]") {
  scene s;
  CHECK(s.begin() == lines{"added h1.example.com.:80", "added h2.example.com.:80"});
  CHECK(s.view() == both);
  for (int i = 0; i < 20; ++i) {
    s.watcher.run(30s);
    CHECK(s.told().empty());
  }
  CHECK(s.watcher.live->view()->stale == false);
}

TEST_CASE("watch: a rotated answer is no change", "[resolver][watch]") {
  scene s;
  s.dns().a("h1.example.com", {"192.0.2.1", "192.0.2.3"});
  (void)s.begin();
  s.dns().a("h1.example.com", {"192.0.2.3", "192.0.2.1"}).ptr(the_type, {v2, v1});
  const auto view = s.watcher.live->view();
  s.watcher.run(61s);
  CHECK(s.told().empty());
  CHECK(s.watcher.live->view() == view);
}

TEST_CASE("watch: one event per change, and what changed", "[resolver][watch][fault-S24][fault-T13]") {
  scene s;
  (void)s.begin();
  lines expected;
  SECTION("weight") {
    s.dns().srv(v1, {srv_of(0, 7, 80, "h1.example.com")});
    expected = {"changed h1.example.com.:80 weight"};
  }
  SECTION("priority") {
    s.dns().srv(v1, {srv_of(3, 5, 80, "h1.example.com")});
    expected = {"changed h1.example.com.:80 priority"};
  }
  SECTION("port: another endpoint") {
    s.dns().srv(v1, {srv_of(0, 5, 81, "h1.example.com")});
    expected = {"removed h1.example.com.:80", "added h1.example.com.:81"};
  }
  SECTION("address") {
    s.dns().a("h1.example.com", {"192.0.2.7"});
    expected = {"changed h1.example.com.:80 addresses"};
  }
  SECTION("TXT alone") {
    s.dns().txt(v2, "n=3");
    expected = {"txt v2._x._tcp.example.com."};
  }
  SECTION("an empty TXT record for none is no change") {
    s.dns().results.erase({name_of(v2), rr_type::txt});
    s.watcher.run(61s);
    CHECK(s.told() == lines{"txt v2._x._tcp.example.com."});
    s.dns().txt(v2, "");
  }
  SECTION("an instance joins") {
    s.dns().ptr(the_type, {v1, v2, "v3._x._tcp.example.com"});
    s.dns().srv("v3._x._tcp.example.com", {srv_of(0, 5, 90, "h2.example.com")});
    expected = {"added h2.example.com.:90"};
  }
  SECTION("an instance leaves") {
    s.dns().ptr(the_type, {v2});
    expected = {"removed h1.example.com.:80"};
  }
  SECTION("an endpoint gains an instance") {
    s.dns().srv(v2, {srv_of(0, 5, 80, "h1.example.com")});
    expected = {"changed h1.example.com.:80 weight instances", "removed h2.example.com.:80"};
  }
  s.watcher.run(61s);
  CHECK(s.told() == expected);
  s.watcher.run(120s);
  CHECK(s.told().empty());
}

TEST_CASE("watch: every record set has its own clock", "[resolver][watch]") {
  scene s;
  s.set_ttl(v1, rr_type::srv, 300s);
  s.set_ttl("h1.example.com", rr_type::a, 6s);
  (void)s.begin();
  s.watcher.run(240s - 1s);
  CHECK(s.asked(v1, rr_type::srv) == 1);
  CHECK(s.asked("h1.example.com", rr_type::a) >= 239 / 6);
  CHECK(s.asked("h1.example.com", rr_type::a) <= 1 + 239 * 10 / 48);
  CHECK(s.asked("h2.example.com", rr_type::a) <= 1 + 239 / 48);
  CHECK(s.told().empty());
}

TEST_CASE("watch: TTL 0 is asked for no more often than the shortest interval, and is nothing unhealthy",
          "[resolver][watch][rfc-check-60][fault-C1]") {
  scene s;
  for (auto& [q, result] : s.dns().results) result.answer.ttl = 0s;
  s.dns().negative_ttl = 0s;
  (void)s.begin();
  s.watcher.run(100s);
  for (const std::size_t asked :
       {s.asked(v1, rr_type::srv), s.asked("h1.example.com", rr_type::a), s.asked(the_type, rr_type::ptr)}) {
    CHECK(asked <= 1 + 100 / 5);  // the interval is drawn from 5 to 6 s
    CHECK(asked >= 1 + 100 / 6);
  }
  CHECK(s.told().empty());
  s.dns().ptr(the_type, {v2});
  s.dns().results.at({name_of(the_type), rr_type::ptr}).answer.ttl = 0s;
  s.watcher.run(6s);
  CHECK(s.told() == lines{"removed h1.example.com.:80"});
}

TEST_CASE("watch: what DNS says is gone, is gone within its TTL and a second",
          "[resolver][watch][rfc2308][fault-C8][fault-S22]") {
  scene s;
  (void)s.begin();
  SECTION("the name: NXDOMAIN") { s.dns().results.clear(); }
  SECTION("the records: NODATA") {
    s.dns().fail(the_type, rr_type::ptr, errc::no_data);
    s.dns().results.at({name_of(the_type), rr_type::ptr}).answer.ttl = 30s;
  }
  SECTION("only the addresses") {
    s.dns().results.erase({name_of("h1.example.com"), rr_type::a});
    s.watcher.run(61s);
    CHECK(s.view() == lines{"h1.example.com.:80 (no such name)", "h2.example.com.:80 192.0.2.2"});
    CHECK(s.told() == lines{"changed h1.example.com.:80 addresses"});
    return;
  }
  s.watcher.run(61s);
  CHECK(s.view().empty());
  CHECK(s.told() == lines{"removed h1.example.com.:80", "removed h2.example.com.:80"});
  const auto update = s.watcher.live->take(s.world.now);
  CHECK_FALSE(update);
}

TEST_CASE("watch: what is not there is asked again at its negative TTL", "[resolver][watch][fault-C5][fault-C6]") {
  scene s;
  const auto records = std::exchange(s.dns().results, {});
  s.watcher.warm();
  const auto update = s.watcher.live->take(s.world.now);
  REQUIRE(update);
  CHECK(update->events.empty());
  CHECK(update->status == errc::nxdomain);
  s.dns().results = records;
  s.watcher.run(31s);
  CHECK(s.told() == lines{"added h1.example.com.:80", "added h2.example.com.:80"});
}

TEST_CASE("watch: a target without address is asked again at its negative TTL", "[resolver][watch][fault-S12]") {
  scene s;
  s.dns().results.erase({name_of("h1.example.com"), rr_type::a});
  (void)s.begin();
  CHECK(s.view() == lines{"h1.example.com.:80 (no such name)", "h2.example.com.:80 192.0.2.2"});
  s.dns().a("h1.example.com", {"192.0.2.1"});
  s.watcher.run(31s);
  CHECK(s.told() == lines{"changed h1.example.com.:80 addresses"});
  CHECK(s.view() == both);
}

TEST_CASE("watch: an outage is told, empties nothing, and ends within 5 s of the server's return",
          "[resolver][watch][rfc8767][fault-C7][fault-C9][fault-X15]") {
  const errc how = GENERATE(errc::server_failure, errc::query_timed_out, errc::network_failure, errc::empty_answer);
  scene s;
  (void)s.begin();
  s.world.broken = how;
  const std::string reason = '(' + make_error_code(how).message() + ')';
  s.watcher.run(59s);
  CHECK(s.told() == lines{"unknown " + reason});
  CHECK_FALSE(s.watcher.live->view()->stale);
  CHECK(s.view() == both);
  s.watcher.run(5s);
  CHECK(s.told() == lines{"stale " + reason});
  CHECK(s.watcher.live->view()->stale);
  CHECK_FALSE(s.watcher.live->view()->complete);
  CHECK_FALSE(s.watcher.live->view()->has_all_endpoints);
  s.watcher.run(10min);
  CHECK(s.told().empty());
  CHECK(s.view() == both);
  s.world.broken = {};
  s.watcher.run(5s);
  CHECK(s.told() == lines{"recovered"});
  CHECK_FALSE(s.watcher.live->view()->stale);
  CHECK(s.watcher.live->view()->complete);
}

TEST_CASE("watch: the view says whether it is complete, also if nothing else changes", "[resolver][watch][fault-O3]") {
  scene s;
  s.break_one(v2, rr_type::srv);
  CHECK(s.begin() == lines{"added h1.example.com.:80", "unknown (name server failure)"});
  CHECK_FALSE(s.watcher.live->view()->complete);
  CHECK_FALSE(s.watcher.live->view()->has_all_endpoints);
  CHECK(s.watcher.live->view()->warnings == lines{"no answer for v2._x._tcp.example.com. SRV: name server failure"});
  s.dns().results.erase({name_of(v2), rr_type::srv});  // it has no SRV record
  s.watcher.run(10s);
  CHECK(s.watcher.live->view()->complete);
  CHECK(s.watcher.live->view()->has_all_endpoints);
}

TEST_CASE("watch: an outage that outlives all stale data costs two walks per second at most, and empties nothing",
          "[resolver][watch][fault-C9]") {
  scene s;
  s.world.use(resolver_options{.cache = cache_limits{.max_stale = 1h}});
  (void)s.begin();
  s.world.broken = errc::server_failure;
  s.watcher.run(3h);
  CHECK(s.view() == both);
  CHECK(s.watcher.live->walks() <= 2 * 3 * 3600);
  s.world.broken = {};
  s.watcher.run(5s);
  CHECK(s.watcher.live->view()->stale == false);
}

TEST_CASE("watch: what is unknown in part stays in part, and the rest goes on changing",
          "[resolver][watch][fault-C7][fault-S12]") {
  // Without a cache only the watcher itself remembers data.
  scene s;
  s.world.use(resolver_options{.cache = std::nullopt});
  s.dns().a("h1.example.com", {"192.0.2.1"}).aaaa("h1.example.com", {"2001:db8::1"});
  (void)s.begin();
  SECTION("an instance's SRV records") {
    s.break_one(v1, rr_type::srv);
    s.dns().srv(v2, {srv_of(0, 9, 80, "h2.example.com")});
    s.watcher.run(61s);
    CHECK(s.told() ==
          lines{"changed h2.example.com.:80 weight", "unknown (name server failure)", "stale (name server failure)"});
    CHECK(s.watcher.live->view()->endpoints.size() == 2);
    CHECK(s.watcher.live->view()->endpoints.back().addresses.size() == 2);
  }
  SECTION("one family of a target") {
    s.break_one("h1.example.com", rr_type::aaaa);
    s.dns().a("h1.example.com", {"192.0.2.9"});
    s.watcher.run(61s);
    CHECK(s.view() == lines{"h1.example.com.:80 192.0.2.9 2001:db8::1", "h2.example.com.:80 192.0.2.2"});
  }
  SECTION("both families of a target") {
    s.break_one("h1.example.com", rr_type::aaaa);
    s.break_one("h1.example.com", rr_type::a);
    s.watcher.run(61s);
    CHECK(s.view() == lines{"h1.example.com.:80 192.0.2.1 2001:db8::1", "h2.example.com.:80 192.0.2.2"});
  }
  SECTION("a TXT record") {
    s.break_one(v1, rr_type::txt);
    s.watcher.run(61s);
    CHECK(s.told() == lines{"unknown (name server failure)", "stale (name server failure)"});
    CHECK(s.watcher.live->view()->instances.at(0).txt.find("n")->value == "1");
  }
  SECTION("the list of instances") {
    s.break_one(the_type, rr_type::ptr);
    s.dns().srv(v2, {srv_of(0, 9, 80, "h2.example.com")});
    s.watcher.run(61s);
    CHECK(s.told() == lines{"unknown (name server failure)", "stale (name server failure)"});
    CHECK(s.watcher.live->view()->endpoints.size() == 2);
  }
  (void)s.told();
  CHECK_FALSE(s.watcher.live->view()->complete);
  s.dns().srv(v1, {srv_of(0, 5, 80, "h1.example.com")}).txt(v1, "n=1").ptr(the_type, {v1, v2});
  s.dns().a("h1.example.com", {"192.0.2.1"}).aaaa("h1.example.com", {"2001:db8::1"});
  s.watcher.run(61s);
  const lines last = s.told();
  REQUIRE_FALSE(last.empty());
  CHECK(last.back() == "recovered");
  CHECK(s.watcher.live->view()->complete);
}

TEST_CASE("watch: an instance is not taken for a type while its SRV records are unknown", "[resolver][watch]") {
  scene s;
  s.world.use(resolver_options{.cache = std::nullopt});
  s.dns().srv(the_type, {srv_of(0, 0, 99, "h1.example.com")});
  CHECK(s.begin() == lines{"added h1.example.com.:99"});
  s.break_one(the_type, rr_type::srv);
  s.watcher.run(61s);
  CHECK(s.view() == lines{"h1.example.com.:99 192.0.2.1"});
}

TEST_CASE("watch: a first walk without an answer is told, and followed by the set", "[resolver][watch]") {
  scene s;
  s.world.broken = errc::query_timed_out;
  CHECK(s.begin() == lines{"unknown (DNS query timed out)"});
  s.world.broken = {};
  s.watcher.run(5s);
  CHECK(s.told() == lines{"added h1.example.com.:80", "added h2.example.com.:80", "recovered"});
}

TEST_CASE("watch: a slow consumer gets the sum of the changes", "[resolver][watch]") {
  scene s;
  (void)s.begin();
  for (unsigned weight = 1; weight < 50; ++weight) {
    s.dns().srv(v1, {srv_of(0, static_cast<std::uint16_t>(weight), 80, "h1.example.com")});
    s.watcher.run(61s);
  }
  s.dns().ptr(the_type, {v1});
  s.watcher.run(61s);
  const auto update = s.watcher.live->take(s.world.now);
  REQUIRE(update);
  CHECK(texts_of(update->events) == lines{"changed h1.example.com.:80 weight", "removed h2.example.com.:80"});
  CHECK(update->merged == 50);
  CHECK(update->events[0].before->weight == 5);
  CHECK(update->events[0].after->weight == 49);
}

TEST_CASE("watch: a thousand watchers of one name make one query per expiry",
          "[resolver][watch][fault-C10][fault-X4]") {
  paper_router world;
  scene written;
  world.dns = written.dns();
  std::list<paper_view> watchers;
  for (int i = 0; i < 1000; ++i) watchers.emplace_back(world, query_of(the_type), watching(5s)).warm();
  const std::size_t first = world.sent();
  CHECK(first == 11);  // PTR, SRV and TXT of the type; SRV and TXT of each instance; A and AAAA of each host
  world.advance(57s);  // 95 % of the TTL
  CHECK(world.queries[to_string(question{name_of(the_type), rr_type::ptr})] == 2);
  CHECK(world.queries[to_string(question{name_of(v1), rr_type::srv})] == 2);
  CHECK(world.queries[to_string(question{name_of("h2.example.com"), rr_type::a})] == 2);
}

TEST_CASE("watch: after a suspension or a change of servers everything is asked again within a second",
          "[resolver][watch][fault-C14][fault-C15]") {
  scene s;
  for (auto& [q, result] : s.dns().results) result.answer.ttl = 7200s;
  s.dns().negative_ttl = 7200s;
  (void)s.begin();
  s.watcher.run(3600s);
  s.dns().a("h1.example.com", {"192.0.2.7"});
  s.world.router->renew(s.world.now);
  CHECK(*s.watcher.live->next_walk() > s.world.now);
  s.watcher.run(1s);
  CHECK(s.told() == lines{"changed h1.example.com.:80 addresses"});
}

TEST_CASE("watch: a month of it keeps time and does not grow", "[resolver][watch][fault-C13][fault-C21]") {
  scene s;
  for (auto& [q, result] : s.dns().results) result.answer.ttl = 3600s;
  s.dns().negative_ttl = 3600s;
  (void)s.begin();
  const std::size_t first = s.world.sent();
  s.watcher.run(30 * 24h);
  CHECK(s.told().empty());
  CHECK(s.world.sent() <= first * (1 + 720 * 10 / 8));
  CHECK(s.world.sent() >= first * 720);
  CHECK(s.world.next_event() == s.watcher.live->next_walk());
}

TEST_CASE("watch: without AAAA nobody is asked for IPv6 addresses, from the next walk on",
          "[resolver][watch][fault-O13]") {
  scene s;
  s.world.router->set_without_aaaa(true);
  CHECK(s.begin() == lines{"added h1.example.com.:80", "added h2.example.com.:80"});
  s.watcher.run(10min);
  CHECK(s.asked("h1.example.com", rr_type::a) > 1);
  CHECK(s.asked("h1.example.com", rr_type::aaaa) == 0);
  CHECK(s.watcher.live->view()->complete);
  s.world.router->set_without_aaaa(false);
  s.watcher.run(61s);
  CHECK(s.asked("h1.example.com", rr_type::aaaa) > 0);
}
