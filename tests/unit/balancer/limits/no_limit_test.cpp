// The duration max() means no limit, in every option (FAULTS O36).
#include "sdconnect/balancer/attempt_limiter.hpp"
#include "sdconnect/balancer/probe_schedule.hpp"
#include "sdconnect/balancer/retry_budget.hpp"
#include "unit/balancer/balancer_scene.hpp"
#include "unit/balancer/health_bench.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <optional>

using namespace sdconnect;
using namespace sdconnect::detail;

namespace {

using namespace std::chrono_literals;
using test::balancer_scene;
using test::health_bench;
using test::host;

constexpr auto no_limit = std::chrono::milliseconds::max();
constexpr auto months = 24h * 200;

health_options endless() {
  health_options options;
  for (auto* const time : {&options.first_demotion, &options.relapse, &options.base_ejection, &options.max_ejection,
                           &options.outlier_interval, &options.slow_start}) {
    *time = no_limit;
  }
  return options;
}

TEST_CASE("health_group: what is down without limit stays down", "[balancer][health][fault-O36]") {
  health_bench bench(2, endless());
  bench.refuse(0);
  CHECK(bench.state(0) == health_state::down);
  CHECK(bench.time_down(0) > months);
  CHECK(bench.group.next_change() > bench.now + months);
  CHECK_FALSE(bench.pass(months));
  CHECK(bench.state(0) == health_state::down);
  // An attempt of last resort brings it back; it then warms up forever.
  bench.succeed(0);
  CHECK(bench.state(0) == health_state::warming);
  bench.pass(24h);
  CHECK(bench.state(0) == health_state::warming);
}

TEST_CASE("balancer: holds, drains and shuffles without limit", "[balancer][fault-O36]") {
  balancer_options options;
  options.policy = selection_policy::ordered;
  options.health = endless();
  options.return_hold = options.drain_deadline = options.reshuffle = no_limit;
  balancer_scene scene(options, {host("a"), host("b", 1, 1)});
  std::optional<endpoint_use> stream = scene.subject.acquire(scene.now);
  REQUIRE(stream);
  CHECK(scene.subject.next_change() > scene.now);

  scene.fail("a");
  CHECK(scene.pick() == "b");
  scene.report("a", outcome_kind::connected);
  CHECK(scene.pick() == "b");  // held by return_hold
  scene.wait(months);
  CHECK(scene.pick() == "b");

  scene.update({host("b", 1, 1)});
  CHECK(stream->record().is_draining());
  CHECK_FALSE(stream->drain_deadline());
}

TEST_CASE("probe_schedule: an interval without limit is a year", "[balancer][probe][fault-O36]") {
  const auto start = probe_schedule::time_point(1h);
  probe_schedule schedule({.interval = no_limit, .hurried_interval = no_limit}, random_engine(1));
  for (std::uint32_t id = 0; id < 10; ++id) schedule.add(id, start);
  CHECK(schedule.next_due() >= start);
  CHECK_FALSE(schedule.take_due(start));
  const auto due = schedule.next_due();
  const std::optional<std::uint32_t> first = schedule.take_due(due);
  REQUIRE(first);
  schedule.done(*first, due);
  schedule.set_hurried(*first, true, due);
  while (schedule.next_due() < due + months) {
    const auto now = schedule.next_due();
    const std::optional<std::uint32_t> next = schedule.take_due(now);
    REQUIRE(next);
    CHECK(*next != *first);
    schedule.done(*next, now);
  }
}

TEST_CASE("limiter and budget: what takes longer than any clock runs never comes", "[balancer][fault-O36]") {
  const auto start = attempt_limiter::time_point(1h);
  attempt_limiter limiter({.attempts_per_s = 1e-300, .burst = 1}, start);
  CHECK(limiter.try_attempt(start));
  CHECK(limiter.next(start) == attempt_limiter::time_point::max());
  CHECK_FALSE(limiter.try_attempt(start + months));

  retry_budget budget({.share = 0, .floor_per_s = 1e-300, .burst = 1}, start);
  CHECK(budget.try_retry(start));
  CHECK_FALSE(budget.try_retry(start + months));
}

}  // namespace
