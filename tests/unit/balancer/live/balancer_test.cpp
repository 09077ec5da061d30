#include "sdconnect/balancer/balancer.hpp"

#include "unit/balancer/balancer_scene.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;

namespace {

using test::balancer_scene;
using test::host;
using test::labels;
using namespace std::chrono_literals;

/// Makes one of h0 to h5 an outlier; each has a hundred attempts.
void make_outlier(balancer_scene& scene, int which) {
  for (int i = 0; i < 6; ++i) {
    const std::string label = 'h' + std::to_string(i);
    for (int k = 0; k < 100; ++k) {
      // Failures that began before the endpoint was added affect only its rate.
      const bool is_well = i != which || k % 2 == 0;
      scene.subject.report(*scene.find(label).record, is_well ? outcome_kind::connected : outcome_kind::reset, 0us,
                           is_well ? scene.now : scene.now - 1h, scene.now);
    }
  }
  scene.wait(15s);
  REQUIRE(scene.health_of('h' + std::to_string(which)).reason == health_reason::outlier);
}

TEST_CASE("balancer: without an endpoint that can be tried there is none",
          "[balancer][rfc-check-42][fault-S3][fault-S5][fault-S12]") {
  balancer_scene scene({});
  CHECK(scene.subject.pick() == nullptr);
  CHECK(scene.subject.pick(std::uint64_t{7}) == nullptr);
  CHECK_FALSE(scene.subject.acquire(scene.now));
  CHECK(scene.subject.plan(scene.now).order.empty());
  CHECK(scene.subject.status().empty());

  endpoint unresolved = host("unresolved");
  unresolved.unresolved = errc::nxdomain;
  scene.update({test::make_endpoint(".", 1), host("no-port", 1, 0, 0), unresolved});
  CHECK(scene.subject.pick() == nullptr);
  CHECK_FALSE(scene.subject.acquire(scene.now));
  CHECK(scene.subject.plan(scene.now).order.empty());
  CHECK(scene.subject.status().size() == 3);
}

TEST_CASE("balancer: an outlier is back when nothing else that can be tried is in use", "[balancer][fault-B6]") {
  std::vector<endpoint> endpoints{host("unresolved", 1, 20)};
  endpoints[0].unresolved = errc::query_timed_out;
  for (int i = 0; i < 6; ++i) endpoints.push_back(host('h' + std::to_string(i)));
  balancer_scene scene({}, endpoints);
  make_outlier(scene, 0);
  for (int i = 1; i < 6; ++i) scene.fail('h' + std::to_string(i));
  CHECK(scene.health_of("h0").state == health_state::warming);
  CHECK(scene.seen() == labels{"h0"});
}

TEST_CASE("balancer: an outlier that is back because the others left can be had at once", "[balancer][fault-B6]") {
  balancer_options options;
  options.health.slow_start = 0ms;
  std::vector<endpoint> endpoints;
  for (int i = 0; i < 6; ++i) endpoints.push_back(host('h' + std::to_string(i)));
  balancer_scene scene(options, endpoints);
  make_outlier(scene, 0);
  scene.update({endpoints[0]});
  CHECK(scene.health_of("h0").state == health_state::up);
  const attempt_plan plan = scene.subject.plan(scene.now);
  REQUIRE(plan.usable == 1);
  CHECK(scene.subject.try_acquire(plan, 0, scene.now));
}

TEST_CASE("balancer: one target with a priority that cannot be used and one that can counts as usable", "[balancer]") {
  endpoint first = host("a", 1, 0, 80, {1}), second = host("a", 1, 5, 80, {1});
  first.addresses.clear();
  first.unresolved = errc::query_timed_out;
  balancer_scene scene({}, {first, second});
  scene.fail("a");
  CHECK(scene.acquired() == "a");
}

TEST_CASE("balancer: health and counters stay through a refresh", "[balancer][fault-S24][fault-B2]") {
  balancer_scene scene({}, {host("a", 1, 0, 80, {1, 2}), host("b")});
  scene.fail("a");
  const endpoint_record* const record = scene.find("a").record.get();
  REQUIRE(scene.seen() == labels{"b"});

  SECTION("that changes the weight") { scene.update({host("a", 60000, 0, 80, {1, 2}), host("b", 2)}); }
  SECTION("that changes the priority") { scene.update({host("b"), host("a", 1, 7, 80, {1, 2})}); }
  SECTION("that changes some of the addresses") { scene.update({host("a", 1, 0, 80, {2, 3}), host("b")}); }
  SECTION("that has no address for a while") {
    scene.update({host("a"), host("b")});
    scene.update({host("a", 1, 0, 80, {1}), host("b")});
  }
  SECTION("in other letters") {
    scene.update({test::make_endpoint("A.Example.", 1), host("b")});
    CHECK(scene.find("A").record.get() == record);
    CHECK(scene.status_of("A").health.state == health_state::down);
    return;
  }
  CHECK(scene.find("a").record.get() == record);
  CHECK(scene.health_of("a").state == health_state::down);
  CHECK(scene.status_of("a").stats.outcomes[static_cast<std::size_t>(outcome_kind::refused)] == 1);
  CHECK(scene.seen() == labels{"b"});
}

TEST_CASE("balancer: a weight that changed holds at once", "[balancer][fault-S24]") {
  balancer_scene scene({.policy = selection_policy::weighted}, {host("a", 1), host("b", 3)});
  scene.update({host("a", 3), host("b", 1)});
  CHECK(scene.status_of("a").share == Approx(0.75));
  CHECK(scene.status_of("b").share == Approx(0.25));
}

TEST_CASE("balancer: other addresses are another machine: nothing is known of it", "[balancer][fault-B8]") {
  balancer_scene scene({}, {host("a", 1, 0, 80, {1, 2}), host("b")});
  scene.fail("a");
  scene.update({host("a", 1, 0, 80, {3}), host("b")});
  CHECK(scene.health_of("a").state == health_state::up);
  CHECK(scene.health_of("a").last_failure == outcome_kind::connected);
  CHECK(scene.seen() == labels{"a", "b"});
  CHECK(scene.find("a").where.addresses == host("a", 1, 0, 80, {3}).addresses);
}

TEST_CASE("balancer: another port is another endpoint", "[balancer][fault-S8][fault-S24]") {
  balancer_scene scene({}, {host("a", 1, 0, 80), host("b")});
  scene.fail("a");
  scene.update({host("a", 1, 0, 81), host("b")});
  CHECK(scene.health_of("a").state == health_state::up);
}

TEST_CASE("balancer: who has left and comes back starts anew", "[balancer]") {
  balancer_scene scene({}, {host("a"), host("b")});
  scene.fail("a");
  scene.update({host("b")});
  CHECK(scene.seen() == labels{"b"});
  scene.update({host("a"), host("b")});
  CHECK(scene.health_of("a").state == health_state::up);
  CHECK(scene.status_of("a").stats.outcomes[static_cast<std::size_t>(outcome_kind::refused)] == 0);
}

TEST_CASE("balancer: one target and port in two tiers has one health", "[balancer][fault-S7]") {
  balancer_scene scene({}, {host("a", 1, 0), host("a", 1, 10), host("b", 1, 20)});
  const auto set = scene.subject.endpoints();
  REQUIRE(set->size() == 3);
  CHECK((*set)[0].record == (*set)[1].record);
  scene.fail("a");
  CHECK(scene.seen() == labels{"b"});
}

TEST_CASE("balancer: equal records are one endpoint with the weights added", "[balancer][fault-S7]") {
  const balancer_scene scene({.policy = selection_policy::weighted}, {host("a", 1), host("b", 4), host("A", 3)});
  CHECK(scene.subject.endpoints()->size() == 2);
  CHECK(scene.status_of("a").share == Approx(0.5));
}

TEST_CASE("balancer: a set that is the same but for its TTL is not published", "[balancer]") {
  balancer_scene scene({}, {host("a"), host("b")});
  const auto before = scene.subject.endpoints();
  std::vector<endpoint> again{host("b"), host("a")};
  again[0].ttl = 7s;
  scene.update(again);
  CHECK(scene.subject.endpoints() == before);
}

TEST_CASE("balancer: another network knows nothing", "[balancer]") {
  balancer_scene scene({}, {host("a"), host("b")});
  scene.eject("a");
  scene.subject.reset_health(scene.now);
  CHECK(scene.health_of("a").state == health_state::up);
  CHECK(scene.seen() == labels{"a", "b"});
  CHECK(scene.subject.next_change() == balancer::time_point::max());
}

TEST_CASE("balancer: probes take out and bring back", "[balancer]") {
  balancer_scene scene({.health = {.slow_start = 0ms}}, {host("a"), host("b")});
  for (int i = 0; i < 3; ++i) scene.subject.report_probe(*scene.find("a").record, false, scene.now);
  CHECK(scene.seen() == labels{"b"});
  for (int i = 0; i < 2; ++i) scene.subject.report_probe(*scene.find("a").record, true, scene.now);
  CHECK(scene.seen() == labels{"a", "b"});
}

TEST_CASE("balancer: time alone brings back, at next_change()", "[balancer][fault-B19]") {
  balancer_scene scene({}, {host("a"), host("b")});
  CHECK(scene.subject.next_change() == balancer::time_point::max());
  scene.fail("a");
  const balancer::time_point due = scene.subject.next_change();
  CHECK(due >= scene.now + 800ms);
  CHECK(due <= scene.now + 1200ms);
  scene.subject.advance(due - 1ms);
  CHECK(scene.health_of("a").state == health_state::down);
  scene.subject.advance(due);
  CHECK(scene.health_of("a").state == health_state::trial);

  SECTION("a time that goes back is the latest that was seen") {
    scene.now = due;
    scene.subject.advance(due - 500ms);
    scene.report("a", outcome_kind::connected);
    CHECK(scene.health_of("a").since > due);
  }
}

TEST_CASE("balancer: outliers are taken out up to the half, and the others go on", "[balancer][fault-B6]") {
  const health_options health{.outlier_least_attempts = 10, .outlier_deviations = 0.1};
  balancer_scene scene({.health = health}, test::make_tier({1, 1, 1, 1, 1, 1}));
  const auto report_all = [&] {
    for (const char* const bad : {"host0", "host1", "host2", "host3"}) {
      scene.report(bad, outcome_kind::overtaken);  // one overtake does not demote
      scene.report(bad, outcome_kind::connected);
    }
    for (const char* const good : {"host4", "host5"}) {
      scene.report(good, outcome_kind::connected);
      scene.report(good, outcome_kind::connected);
    }
  };
  for (int i = 0; i < 10; ++i) report_all();
  REQUIRE(scene.seen().size() == 6);
  scene.now += 15s;
  report_all();
  const labels left = scene.seen();
  CHECK(left.size() == 3);
  CHECK(std::count(left.begin(), left.end(), "host4") == 1);
  CHECK(std::count(left.begin(), left.end(), "host5") == 1);
}

TEST_CASE("balancer: who acquires needs no timer", "[balancer]") {
  balancer_scene scene({}, {host("a")});
  scene.fail("a");
  scene.now = scene.subject.next_change();
  const std::optional<endpoint_use> held = scene.subject.acquire(scene.now);
  REQUIRE(held);
  CHECK(held->is_trial());
}

TEST_CASE("balancer: a seed reproduces its choices, and another one does not", "[balancer]") {
  const auto choices = [](std::uint64_t seed) {
    balancer_scene scene({.seed = seed}, test::make_tier({1, 2, 3, 4, 5, 6}));
    labels made;
    for (int i = 0; i < 100; ++i) made.push_back(scene.pick());
    scene.fail("host1");
    for (int i = 0; i < 100; ++i) made.push_back(scene.acquired());
    for (const std::string& one : balancer_scene::names_of(scene.subject.plan(scene.now))) made.push_back(one);
    return made;
  };
  CHECK(choices(1) == choices(1));
  CHECK(choices(1) != choices(2));
}

}  // namespace
