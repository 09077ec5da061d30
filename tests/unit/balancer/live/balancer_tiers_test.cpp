#include "sdconnect/balancer/balancer.hpp"
#include "unit/balancer/balancer_scene.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;

namespace {

using test::balancer_scene;
using test::host;
using test::labels;
using namespace std::chrono_literals;

const std::vector<endpoint> two_tiers{host("a0"), host("a1"), host("b0", 1, 10), host("b1", 1, 10)};

/// `count` endpoints per tier, each named by a letter and a number.
std::vector<endpoint> tiers_of(std::size_t count) {
  std::vector<endpoint> endpoints;
  for (std::size_t i = 0; i < count; ++i) endpoints.push_back(host("a" + std::to_string(i), 1, 0));
  for (std::size_t i = 0; i < count; ++i) endpoints.push_back(host("b" + std::to_string(i), 1, 1));
  return endpoints;
}

/// Returns the load of tier 0 if the given numbers of the ten endpoints of the first and second
/// tier are down.
double load_of_first(balancer_scene& scene, int first_down, int second_down) {
  for (int i = 0; i < first_down; ++i) scene.fail("a" + std::to_string(i));
  for (int i = 0; i < second_down; ++i) scene.fail("b" + std::to_string(i));
  double load = 0;
  for (const endpoint_status& s : scene.subject.status()) load += s.where.priority == 0 ? s.share : 0;
  return load;
}

TEST_CASE("balancer: the lowest priority serves for as long as one of it is usable",
          "[balancer][rfc2782][rfc-check-36][fault-S6][fault-B20]") {
  balancer_scene scene({}, two_tiers);
  CHECK(scene.seen() == labels{"a0", "a1"});
  scene.eject("a0");
  CHECK(scene.seen() == labels{"a1"});
  scene.eject("a1");
  CHECK(scene.seen() == labels{"b0", "b1"});
  scene.wait(40s);  // a0 is on trial; no other attempt may interfere
  CHECK(scene.acquired() == "a0");
}

TEST_CASE("balancer: load returns with the first trial of the better tier that succeeds", "[balancer][fault-S6]") {
  balancer_scene scene({}, two_tiers);
  scene.fail("a0");
  scene.fail("a1");
  CHECK(scene.seen() == labels{"b0", "b1"});
  scene.wait_until("a0", health_state::trial);
  scene.report("a0", outcome_kind::connected);
  CHECK(scene.health_of("a1").state == health_state::trial);  // it must not take the whole load for long
  scene.report("a1", outcome_kind::connected);
  CHECK(scene.seen() == labels{"a0", "a1"});
}

TEST_CASE("balancer: by option the better tier must hold before load returns", "[balancer][fault-S6]") {
  balancer_scene scene({.health = {.slow_start = 0ms}, .return_hold = 5s}, two_tiers);
  scene.fail("a0");
  scene.fail("a1");
  scene.wait_until("a0", health_state::trial);
  scene.report("a0", outcome_kind::connected);
  scene.report("a1", outcome_kind::connected);
  const balancer::time_point back = scene.now;
  CHECK(scene.seen() == labels{"b0", "b1"});
  CHECK(scene.subject.next_change() <= back + 5s);

  SECTION("and then it does") {
    scene.wait(4999ms);
    CHECK(scene.seen() == labels{"b0", "b1"});
    scene.wait(1ms);
    CHECK(scene.seen() == labels{"a0", "a1"});
  }
  SECTION("the hold begins anew when all were down again") {
    scene.wait(3s);
    scene.fail("a0");
    scene.fail("a1");
    scene.wait_until("a0", health_state::trial);
    scene.report("a0", outcome_kind::connected);
    scene.wait(4s);
    CHECK(scene.status_of("b0").share == Approx(0.5));
  }
  SECTION("it is used at once when the other tier fails") {
    scene.fail("b0");
    scene.fail("b1");
    CHECK(scene.seen() == labels{"a0", "a1"});
  }
}

TEST_CASE("balancer: a tier that is new in DNS serves at once", "[balancer]") {
  balancer_scene scene({.return_hold = 5s}, {host("b0", 1, 10)});
  scene.update({host("a0"), host("b0", 1, 10)});
  CHECK(scene.seen() == labels{"a0"});
}

TEST_CASE("balancer: half a tier down stays, without spill", "[balancer][rfc2782][fault-B20]") {
  balancer_scene scene({}, tiers_of(10));
  CHECK(load_of_first(scene, 9, 0) == Approx(1));
}

TEST_CASE("balancer: spill by healthy share is Envoy's table", "[balancer][fault-B20]") {
  // Envoy's documentation, "Priority levels", with an over-provisioning factor of 1.4.
  using row = std::tuple<int, int, double>;
  const auto [first_down, second_down, load] = GENERATE(values<row>({
      {0, 0, 1},
      {2, 0, 1},            // 80 %: 112
      {3, 0, 0.98},         // 70 %
      {5, 0, 0.7},          // 50 %
      {5, 5, 0.7},          // 70 and 30 of the 70 that the second tier could take
      {9, 0, 0.14},         // 10 %
      {10, 0, 0},           // 0 %
      {7, 9, 0.42 / 0.56},  // 42 and 14, scaled up to 100
  }));
  CAPTURE(first_down, second_down);
  balancer_scene scene({.spill = tier_spill::healthy_share}, tiers_of(10));
  CHECK(load_of_first(scene, first_down, second_down) == Approx(load).margin(1e-8));
  double sum = 0;
  for (const endpoint_status& s : scene.subject.status()) {
    sum += s.share;
    CHECK((s.share == 0) == (s.health.state == health_state::down || (s.where.priority == 1 && load == 1)));
  }
  CHECK(sum == Approx(1));
}

TEST_CASE("balancer: when nothing is usable everything of the lowest tier is", "[balancer][fault-B4][fault-B17]") {
  balancer_scene scene({}, two_tiers);
  for (const char* const label : {"a0", "a1", "b0", "b1"}) scene.fail(label);
  CHECK(scene.seen() == labels{"a0", "a1"});
  CHECK_FALSE(scene.acquired().empty());
}

TEST_CASE("balancer: a single endpoint is used whatever its health", "[balancer][fault-B17]") {
  balancer_scene scene({}, {host("a")});
  scene.eject("a");
  CHECK(scene.pick() == "a");
  CHECK(scene.acquired() == "a");
  scene.wait_until("a", health_state::trial);
  const std::optional<endpoint_use> trial = scene.subject.acquire(scene.now);
  REQUIRE(trial);
  CHECK(trial->is_trial());
  CHECK(scene.acquired() == "a");  // there is no better endpoint to wait for
  CHECK(scene.pick() == "a");
}

TEST_CASE("balancer: by option a tier with too few usable is used as a whole", "[balancer][fault-B4]") {
  balancer_scene scene({.panic_threshold = 0.5}, {host("a"), host("b"), host("c"), host("d")});
  scene.fail("a");
  scene.fail("b");
  CHECK(scene.seen() == labels{"c", "d"});
  scene.fail("c");
  CHECK(scene.seen() == labels{"a", "b", "c", "d"});
}

TEST_CASE("balancer: with spill panic waits until all tiers together are short", "[balancer]") {
  balancer_scene scene({.spill = tier_spill::healthy_share, .panic_threshold = 0.5}, tiers_of(10));
  CHECK(load_of_first(scene, 8, 0) == Approx(0.28));
  CHECK(scene.status_of("a0").share == 0);
  load_of_first(scene, 0, 8);
  CHECK(scene.status_of("a0").share > 0);
  CHECK(scene.status_of("b0").share > 0);
}

TEST_CASE("balancer: with spill the share of a tier does not depend on loads and weights of another", "[balancer]") {
  std::vector<endpoint> endpoints{host("b", 1000, 10)};
  for (const char* const label : {"a0", "a1", "a2", "a3"}) endpoints.push_back(host(label));
  balancer_scene scene({.policy = selection_policy::least_loaded, .spill = tier_spill::healthy_share}, endpoints);
  scene.fail("a0");
  scene.fail("a1");
  std::vector<endpoint_use> held;
  for (int i = 0; i < 10'000; ++i) held.push_back(*scene.subject.acquire(scene.now));
  const double first_tier =
      static_cast<double>(scene.find("a2").record->in_flight() + scene.find("a3").record->in_flight()) / 10'000;
  CHECK(first_tier == Approx(0.7).margin(5 * 0.0046));
  CHECK(scene.find("a2").record->in_flight() == Approx(3500).margin(200));
}

TEST_CASE("balancer: times beyond all bounds are long", "[balancer][fault-O36]") {
  constexpr auto for_ever = std::chrono::milliseconds::max();
  balancer_scene scene({.return_hold = for_ever, .drain_deadline = for_ever, .reshuffle = for_ever},
                       {host("a"), host("b", 1, 10)});
  scene.fail("a");
  CHECK(scene.seen() == labels{"b"});
  scene.wait_until("a", health_state::trial);
  scene.report("a", outcome_kind::connected);
  scene.wait(1h);
  CHECK(scene.seen() == labels{"b"});
  std::optional<endpoint_use> stream = scene.subject.acquire(scene.now);
  scene.update({host("a")});
  CHECK_FALSE(stream->drain_deadline());
}

}  // namespace
