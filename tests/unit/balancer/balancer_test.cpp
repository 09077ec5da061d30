#include "sdconnect/balancer/balancer.hpp"

#include "support/heap_meter.hpp"
#include "unit/balancer/balancer_scene.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace sdconnect {
namespace {

using test::balancer_scene;
using test::host;
using test::labels;
using namespace std::chrono_literals;

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

TEST_CASE("balancer: who acquires needs no timer", "[balancer]") {
  balancer_scene scene({}, {host("a")});
  scene.fail("a");
  scene.now = scene.subject.next_change();
  const std::optional<lease> held = scene.subject.acquire(scene.now);
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

TEST_CASE("balancer: a generator of the caller's own decides alone", "[balancer]") {
  balancer_scene scene({}, test::make_tier({1, 2, 3, 4, 5, 6}));
  balancer_scene other({.seed = 9}, test::make_tier({1, 2, 3, 4, 5, 6}));
  random_engine random(1), again(1);
  for (int i = 0; i < 100; ++i) {
    REQUIRE(scene.subject.pick(random)->where.target == other.subject.pick(again)->where.target);
  }
}

TEST_CASE("balancer: more balancers than slots get along in one thread", "[balancer]") {
  std::vector<std::unique_ptr<balancer_scene>> scenes;
  for (int i = 0; i < 20; ++i) {
    const std::string label = "h" + std::to_string(i);
    scenes.push_back(std::make_unique<balancer_scene>(balancer_options{}, std::vector<endpoint>{host(label)}));
  }
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < scenes.size(); ++i) REQUIRE(scenes[i]->pick() == "h" + std::to_string(i));
  }
}

TEST_CASE("balancer: what was picked lives until the next pick, whatever becomes of the set", "[balancer][fault-B16]") {
  auto scene = std::make_unique<balancer_scene>(balancer_options{}, std::vector<endpoint>{host("a")});
  const balanced_endpoint* const picked = scene->subject.pick();
  scene->update({host("b")});
  CHECK(picked->where.target.first_label() == "a");
  scene.reset();
  CHECK(picked->where.target.first_label() == "a");
}

TEST_CASE("balancer: a list that is walked does not change under the walker", "[balancer][fault-B16]") {
  balancer_scene scene({}, test::make_tier({1, 1, 1, 1}));
  const auto set = scene.subject.endpoints();
  const attempt_plan plan = scene.subject.plan(scene.now);
  std::size_t walked = 0;
  for (const balanced_endpoint& e : *set) {
    scene.update(test::make_tier(std::vector<std::uint32_t>(10 - walked, 2)));
    scene.fail("host0");
    CHECK(e.where.weight == 1);
    ++walked;
  }
  CHECK(walked == 4);
  CHECK(plan.order.size() == 4);
  for (std::size_t i = 0; i < plan.order.size(); ++i) CHECK(plan[i].where.weight == 1);
}

TEST_CASE("balancer: a pick allocates nothing", "[balancer]") {
  if (!test::heap_meter::is_counting()) return;
  const selection_policy policy = GENERATE(selection_policy::rfc2782, selection_policy::ordered,
                                           selection_policy::least_loaded, selection_policy::hash);
  balancer_scene scene({.policy = policy}, test::make_tier({1, 2, 3, 4}));
  const bool is_guarded = GENERATE(false, true);
  if (is_guarded) {
    scene.fail("host1");
    scene.wait_until("host1", health_state::trial);
  }
  random_engine random(1);
  static_cast<void>(scene.subject.pick());
  const test::heap_meter meter;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    static_cast<void>(scene.subject.pick());
    static_cast<void>(scene.subject.pick(random));
    static_cast<void>(scene.subject.pick(i));
  }
  CHECK(meter.allocations() == 0);
}

/// What a child of this process picks, as one digit each.
std::string picks_of_child(balancer& subject) {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::string picked;
    for (int i = 0; i < 60; ++i) picked += subject.pick()->where.target.first_label().back();
    const bool is_written = write(ends[1], picked.data(), picked.size()) == static_cast<ssize_t>(picked.size());
    _exit(is_written ? 0 : 1);
  }
  close(ends[1]);
  std::string read_back(60, '?');
  std::size_t size = 0;
  while (size < read_back.size()) {
    const ssize_t more = read(ends[0], read_back.data() + size, read_back.size() - size);
    if (more <= 0) break;
    size += static_cast<std::size_t>(more);
  }
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  return read_back;
}

TEST_CASE("balancer: children of one process choose differently", "[balancer][fault-B18][fault-X37]") {
  const balancer::time_point now{};
  balancer subject({}, now);
  subject.update(test::make_tier({1, 1, 1, 1, 1, 1, 1, 1}), now);
  static_cast<void>(subject.pick());
  std::set<std::string> all;
  for (int i = 0; i < 3; ++i) all.insert(picks_of_child(subject));
  CHECK(all.size() == 3);  // two equal sequences of 60 out of 8 arise once in 8^60
}

}  // namespace
}  // namespace sdconnect
