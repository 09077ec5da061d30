#include "sdconnect/balancer/endpoint_use.hpp"

#include "sdconnect/balancer/balancer.hpp"
#include "unit/balancer/balancer_scene.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;

namespace {

using test::balancer_scene;
using test::host;
using test::labels;
using namespace std::chrono_literals;

TEST_CASE("endpoint use: counts as in flight until it ends", "[balancer]") {
  balancer_scene scene({}, {host("a")});
  const auto record = scene.find("a").record;
  {
    std::optional<endpoint_use> first = scene.subject.acquire(scene.now);
    endpoint_use second = *scene.subject.acquire(scene.now);
    CHECK(record->in_flight() == 2);
    endpoint_use moved = std::move(second);
    CHECK(record->in_flight() == 2);
    moved = std::move(*first);
    CHECK(record->in_flight() == 1);
  }
  CHECK(record->in_flight() == 0);
  CHECK(record->stats().picks == 2);
}

TEST_CASE("endpoint use: what was reported is counted by kind, and latency by powers of two", "[balancer]") {
  balancer_scene scene({}, {host("a")});
  endpoint_use held = *scene.subject.acquire(scene.now);
  for (const auto latency : {0us, 1us, 2us, 3us, 1000us, 1023us, 1024us}) {
    held.report(outcome_kind::connected, latency, scene.now);
  }
  held.report(outcome_kind::connected, std::chrono::hours(24 * 365), scene.now);
  held.report(outcome_kind::reset, 5us, scene.now);
  held.report(outcome_kind::abandoned, 5us, scene.now);
  const endpoint_stats stats = held.record().stats();
  CHECK(stats.outcomes[static_cast<std::size_t>(outcome_kind::connected)] == 8);
  CHECK(stats.outcomes[static_cast<std::size_t>(outcome_kind::reset)] == 1);
  CHECK(stats.outcomes[static_cast<std::size_t>(outcome_kind::abandoned)] == 1);
  CHECK(std::accumulate(stats.outcomes.begin(), stats.outcomes.end(), 0U) == 10);
  CHECK(stats.latency[0] == 1);
  CHECK(stats.latency[1] == 1);
  CHECK(stats.latency[2] == 2);
  CHECK(stats.latency[10] == 2);
  CHECK(stats.latency[11] == 1);
  CHECK(stats.latency[31] == 1);
  CHECK(stats.latency_sum == 3053us + std::chrono::hours(24 * 365));
}

TEST_CASE("endpoint use: the recent latency follows what connects take", "[balancer]") {
  balancer_scene scene({}, {host("a")});
  endpoint_use held = *scene.subject.acquire(scene.now);
  CHECK(held.record().recent_latency() == 0us);
  held.report(outcome_kind::connected, 800us, scene.now);
  CHECK(held.record().recent_latency() == 800us);
  held.report(outcome_kind::connected, 1600us, scene.now);
  CHECK(held.record().recent_latency() == 900us);
  held.report(outcome_kind::refused, 9us, scene.now);
  CHECK(held.record().recent_latency() == 900us);
}

TEST_CASE("endpoint use: no endpoint has more than its limit, and what is over goes to the next", "[balancer]") {
  balancer_scene scene({.max_in_flight = 2}, {host("a", 9), host("b", 1), host("late", 1, 10)});
  std::vector<endpoint_use> held;
  for (int i = 0; i < 4; ++i) held.push_back(*scene.subject.acquire(scene.now));
  CHECK(scene.find("a").record->in_flight() == 2);
  CHECK(scene.find("b").record->in_flight() == 2);
  CHECK(scene.acquired() == "late");
  held.push_back(*scene.subject.acquire(scene.now));
  held.push_back(*scene.subject.acquire(scene.now));
  CHECK_FALSE(scene.subject.acquire(scene.now));
  CHECK(scene.subject.pick() != nullptr);  // not counted, so not limited

  const attempt_plan plan = scene.subject.plan(scene.now);
  for (std::size_t i = 0; i < plan.order.size(); ++i) CHECK_FALSE(scene.subject.try_acquire(plan, i, scene.now));
  held.erase(held.begin());
  CHECK(scene.subject.acquire(scene.now));
}

TEST_CASE("endpoint use: an endpoint on trial has one attempt at a time", "[balancer]") {
  balancer_scene scene({}, {host("a"), host("b")});
  scene.fail("a");
  scene.wait_until("a", health_state::trial);
  std::vector<endpoint_use> held;
  while (scene.find("a").record->in_flight() == 0) held.push_back(*scene.subject.acquire(scene.now));
  REQUIRE(held.back().is_trial());
  endpoint_use trial = std::move(held.back());
  for (int i = 0; i < 100; ++i) {
    CHECK(scene.acquired() == "b");
    CHECK(scene.pick() == "b");
  }

  SECTION("that ends without a word gives it free") {
    trial = std::move(held.front());
    CHECK(scene.seen() == labels{"a", "b"});
  }
  SECTION("that says nothing gives it free when it ends") {
    trial.report(outcome_kind::abandoned, 0us, scene.now);
    CHECK(trial.is_trial());
    CHECK(scene.seen() == labels{"b"});
  }
  SECTION("that succeeds opens it") {
    trial.report(outcome_kind::connected, 5us, scene.now + 1us);
    CHECK_FALSE(trial.is_trial());
    CHECK(scene.health_of("a").state == health_state::warming);
    CHECK(scene.seen() == labels{"a", "b"});
  }
  SECTION("that fails closes it, and its end does not free the next one's") {
    trial.report(outcome_kind::refused, 0us, scene.now + 1us);
    CHECK(scene.health_of("a").state == health_state::down);
    scene.wait_until("a", health_state::trial);
    std::optional<endpoint_use> next;
    while (!next || next->where().target.first_label() != "a") next = scene.subject.acquire(scene.now);
    REQUIRE(next->is_trial());
    trial = std::move(held.front());
    CHECK(scene.seen() == labels{"b"});
  }
  SECTION("and a refresh does not give it to another") {
    scene.update({host("a", 7), host("b")});
    CHECK(scene.seen() == labels{"b"});
  }
}

TEST_CASE("endpoint use: a pick that takes a trial and reports nothing is forgotten", "[balancer]") {
  balancer_scene scene({}, {host("a"), host("b")});
  scene.fail("a");
  scene.wait_until("a", health_state::trial);
  CHECK(scene.seen() == labels{"a", "b"});
  CHECK(scene.seen() == labels{"b"});

  SECTION("after ten to twenty seconds") {
    scene.wait(9900ms);
    CHECK(scene.seen() == labels{"b"});
    CHECK(scene.subject.next_change() <= scene.now + 10s);
    scene.wait(10100ms);
  }
  SECTION("or at once when it says so") { scene.report("a", outcome_kind::abandoned); }
  CHECK(scene.seen() == labels{"a", "b"});
}

TEST_CASE("endpoint use: news of an older attempt does not free the trial of a pick", "[balancer]") {
  balancer_scene scene({}, {host("a"), host("b")});
  const auto before = scene.now;
  scene.fail("a");
  scene.wait_until("a", health_state::trial);
  CHECK(scene.seen() == labels{"a", "b"});
  scene.subject.report(*scene.find("a").record, outcome_kind::timed_out, 0us, before, scene.now);
  CHECK(scene.seen() == labels{"b"});
}

TEST_CASE("endpoint use: a trial of two priorities is the pick's for ten seconds too", "[balancer]") {
  balancer_scene scene({}, {host("a", 1, 0), host("a", 1, 1), host("b", 1, 1)});
  scene.fail("a");
  scene.wait_until("a", health_state::trial);
  CHECK(scene.seen() == labels{"a", "b"});
  scene.wait(9900ms);
  CHECK(scene.seen() == labels{"b"});
}

TEST_CASE("endpoint use: a set that is replaced while one is acquired is looked at again", "[balancer]") {
  balancer* subject = nullptr;
  balancer::time_point now{1000s};
  int calls = 0;
  balancer_options options;
  options.custom = [&](std::span<const policy_candidate>, random_engine&, std::optional<std::uint64_t>) {
    if (calls++ == 0) subject->update(std::vector{host("new")}, now);
    return std::size_t{0};
  };
  balancer made(options, now);
  made.update(std::vector{host("old")}, now);
  subject = &made;
  const std::optional<endpoint_use> got = made.acquire(now);
  REQUIRE(got);
  CHECK(got->where().target.first_label() == "new");
}

TEST_CASE("endpoint use: a stream lives on when its endpoint leaves DNS, and new ones go elsewhere",
          "[balancer][fault-B14]") {
  balancer_scene scene({}, {host("a"), host("b")});
  const attempt_plan plan = scene.subject.plan(scene.now);
  std::vector<endpoint_use> held;
  while (scene.find("a").record->in_flight() == 0) held.push_back(*scene.subject.acquire(scene.now));
  endpoint_use stream = std::move(held.back());
  held.clear();
  scene.update({host("b")});

  CHECK(stream.where().target.first_label() == "a");
  CHECK(stream.record().is_draining());
  CHECK_FALSE(stream.drain_deadline());
  CHECK(scene.seen() == labels{"b"});
  CHECK(scene.status_of("a").is_draining);
  CHECK(scene.status_of("a").stats.in_flight == 1);
  for (std::size_t i = 0; i < plan.order.size(); ++i) {
    CHECK(scene.subject.try_acquire(plan, i, scene.now).has_value() == (plan[i].where.target.first_label() == "b"));
  }
  stream.report(outcome_kind::reset, 0us, scene.now);  // a removed endpoint: no information

  SECTION("comes back: it goes on counting, and its health starts anew") {
    scene.update({host("a"), host("b")});
    CHECK_FALSE(stream.record().is_draining());
    CHECK(scene.status_of("a").stats.in_flight == 1);
    CHECK(scene.status_of("a").health.state == health_state::up);
    CHECK(scene.subject.status().size() == 2);
  }
  SECTION("the last stream ends: nothing is left of it") {
    { const endpoint_use ended = std::move(stream); }
    CHECK(scene.subject.status().size() == 1);
  }
}

TEST_CASE("endpoint use: by option what has left must end in time", "[balancer][fault-B14]") {
  balancer_scene scene({.drain_deadline = 30s}, {host("a")});
  const endpoint_use stream = *scene.subject.acquire(scene.now);
  CHECK_FALSE(stream.drain_deadline());
  scene.update({host("b")});
  CHECK(stream.drain_deadline() == scene.now + 30s);
  scene.wait(5s);
  scene.update({host("c")});
  CHECK(stream.drain_deadline() == scene.now + 25s);
  scene.update({host("a")});
  CHECK_FALSE(stream.drain_deadline());
}

TEST_CASE("endpoint use: outlives the balancer", "[balancer]") {
  auto scene = std::make_unique<balancer_scene>(balancer_options{}, std::vector<endpoint>{host("a")});
  endpoint_use held = *scene->subject.acquire(scene->now);
  const balancer::time_point now = scene->now;
  scene.reset();
  held.report(outcome_kind::connected, 5us, now);
  CHECK(held.where().target.first_label() == "a");
  CHECK(held.record().in_flight() == 1);
}

}  // namespace
