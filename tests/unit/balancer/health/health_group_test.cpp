#include "sdconnect/balancer/health_group.hpp"

#include "support/heap_meter.hpp"
#include "unit/balancer/health_bench.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;

namespace {

using namespace std::chrono_literals;

TEST_CASE("health_group: an endpoint is up until something is held against it", "[balancer]") {
  health_bench bench(2);
  const endpoint_health& health = bench.group.of(0);
  CHECK(health.state == health_state::up);
  CHECK(health.reason == health_reason::none);
  CHECK(health.weight_share == 1000);
  CHECK_FALSE(bench.succeed(0));
  CHECK(bench.group.next_change() == health_bench::time_point::max());
}

TEST_CASE("health_group: who refuses is demoted at once, however many refuse", "[balancer][fault-B1][fault-B2]") {
  health_bench bench(10);
  for (std::uint32_t id = 0; id < 9; ++id) {
    CHECK(bench.refuse(id));
    CHECK(bench.state(id) == health_state::down);
    CHECK(bench.reason(id) == health_reason::attempt_failed);
    CHECK(bench.group.of(id).last_failure == outcome_kind::refused);
  }
  CHECK(bench.state(9) == health_state::up);
  CHECK(bench.refuse(9));  // even the last one: other code decides what to do if all are down
  CHECK(bench.state(9) == health_state::down);
}

TEST_CASE("health_group: every failure that is the endpoint's demotes, no other", "[balancer][fault-B1]") {
  const auto [outcome, demotes] = GENERATE(table<outcome_kind, bool>({{outcome_kind::connected, false},
                                                                      {outcome_kind::refused, true},
                                                                      {outcome_kind::unreachable, true},
                                                                      {outcome_kind::timed_out, true},
                                                                      {outcome_kind::overtaken, false},
                                                                      {outcome_kind::reset, true},
                                                                      {outcome_kind::closed_silently, false},
                                                                      {outcome_kind::handshake_failed, true},
                                                                      {outcome_kind::abandoned, false},
                                                                      {outcome_kind::local_failure, false}}));
  INFO(to_string(outcome));
  health_bench bench(2);
  CHECK(bench.report(0, outcome) == demotes);
  CHECK((bench.state(0) == health_state::down) == demotes);
}

TEST_CASE("health_group: a silent close is a failure by option", "[balancer]") {
  health_options options = health_bench::without_jitter();
  options.silent_close_is_failure = true;
  health_bench bench(2, options);
  CHECK(bench.report(0, outcome_kind::closed_silently));
  CHECK(bench.state(0) == health_state::down);
}

TEST_CASE("health_group: to be overtaken demotes the second time in a row", "[balancer][fault-B3]") {
  health_bench bench(2);
  CHECK_FALSE(bench.report(0, outcome_kind::overtaken));
  bench.pass(1ms);
  bench.succeed(0);  // one lost SYN is no series
  bench.pass(1ms);
  CHECK_FALSE(bench.report(0, outcome_kind::overtaken));
  bench.pass(1ms);
  CHECK(bench.report(0, outcome_kind::overtaken));
  CHECK(bench.state(0) == health_state::down);
}

TEST_CASE("health_group: demotions double, then the endpoint is ejected", "[balancer][fault-B5]") {
  health_bench bench(2);
  bench.refuse(0);
  CHECK(bench.time_down(0) == 1s);
  CHECK(bench.group.next_change() == bench.now + 1s);
  CHECK_FALSE(bench.pass(999ms));
  CHECK(bench.pass(1ms));
  CHECK(bench.state(0) == health_state::trial);
  bench.refuse(0);
  CHECK(bench.time_down(0) == 2s);
  bench.pass(2s);
  bench.refuse(0);
  CHECK(bench.reason(0) == health_reason::attempts_failed);
  CHECK(bench.time_down(0) == 30s);
  CHECK(bench.group.of(0).ejections == 1);
}

TEST_CASE("health_group: the nth ejection lasts n times the base, up to the most", "[balancer][fault-B5]") {
  health_bench bench(2);
  for (int failure = 1; failure < 3; ++failure) {
    bench.refuse(0);
    bench.pass(bench.time_down(0));
  }
  for (int n = 1; n <= 15; ++n) {
    bench.refuse(0);
    CHECK(bench.time_down(0) == std::min(n * 30s, 300s));
    bench.pass(bench.time_down(0));
    CHECK(bench.state(0) == health_state::trial);
  }
}

TEST_CASE("health_group: who is up and down by the second is ejected, and comes back", "[balancer][fault-B5]") {
  health_bench bench(2);
  const auto is_up = [&] { return bench.now.time_since_epoch() / 1s % 2 == 1; };
  // One attempt every 10 ms, unless the endpoint is down; it works in every other second.
  int ejected_after_ms = 0;
  for (; bench.reason(0) != health_reason::attempts_failed && ejected_after_ms < 60'000; ejected_after_ms += 10) {
    bench.pass(10ms);
    if (bench.state(0) != health_state::down)
      bench.report(0, is_up() ? outcome_kind::connected : outcome_kind::refused);
  }
  CHECK(ejected_after_ms <= 10'000);
  bench.pass(bench.time_down(0));
  CHECK(bench.succeed(0));  // now it stays up
  CHECK(bench.state(0) == health_state::warming);
  bench.pass(10s);
  CHECK(bench.state(0) == health_state::up);
  bench.refuse(0);  // long after: a new series
  CHECK(bench.reason(0) == health_reason::attempt_failed);
  CHECK(bench.group.of(0).consecutive_failures == 1);
}

TEST_CASE("health_group: a broken stream after a success is a row of its own", "[balancer]") {
  health_bench bench(2);
  for (int i = 0; i < 10; ++i) {
    bench.report(0, outcome_kind::reset);
    CHECK(bench.reason(0) == health_reason::attempt_failed);
    CHECK(bench.time_down(0) == 1s);
    bench.pass(1s);
    bench.succeed(0);
    bench.pass(1s);
  }
}

TEST_CASE("health_group: a thousand requests that fail together are one failure", "[balancer]") {
  health_bench bench(2);
  const auto before = bench.now;
  bench.pass(5ms);
  for (int i = 0; i < 1000; ++i) {
    bench.group.report(0, outcome_kind::refused, before, bench.now);
    bench.pass(1us);
  }
  CHECK(bench.group.of(0).consecutive_failures == 1);
  CHECK(bench.reason(0) == health_reason::attempt_failed);
  bench.pass(1s);
  REQUIRE(bench.state(0) == health_state::trial);
  // Attempts that began before the trial do not decide it either, whatever their result.
  CHECK_FALSE(bench.group.report(0, outcome_kind::timed_out, before, bench.now));
  CHECK_FALSE(bench.group.report(0, outcome_kind::connected, before, bench.now));
  CHECK(bench.state(0) == health_state::trial);
}

TEST_CASE("health_group: times down differ from client to client, within the jitter", "[balancer][fault-B9]") {
  std::set<std::chrono::nanoseconds> different;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    health_bench bench(2, health_options{}, seed);
    bench.refuse(0);
    CHECK(bench.time_down(0) >= 800ms);
    CHECK(bench.time_down(0) <= 1200ms);
    different.insert(bench.time_down(0));
  }
  CHECK(different.size() > 990);  // of 4 * 10^8 nanoseconds: two are equal once in 800 runs
  CHECK(*different.begin() < 810ms);
  CHECK(*different.rbegin() > 1190ms);
}

TEST_CASE("health_group: a reset forgets, and what began before says nothing", "[balancer][fault-B8]") {
  health_bench bench(3);
  for (std::uint32_t id = 0; id < 2; ++id) bench.refuse(id);
  const auto before = bench.now;
  bench.pass(10ms);
  CHECK(bench.group.reset(0, bench.now));
  CHECK(bench.state(0) == health_state::up);
  CHECK(bench.state(1) == health_state::down);
  CHECK(bench.group.of(0).last_failure == outcome_kind::connected);
  CHECK_FALSE(bench.group.report(0, outcome_kind::timed_out, before, bench.now));

  CHECK(bench.group.reset(bench.now));  // the network changed
  CHECK(bench.state(1) == health_state::up);
  CHECK_FALSE(bench.group.reset(bench.now));
  CHECK(bench.group.next_change() == health_bench::time_point::max());
}

TEST_CASE("health_group: ids are used again, without what was known of them", "[balancer]") {
  health_bench bench(4);
  bench.refuse(1);
  bench.refuse(2);
  bench.group.remove(2);
  bench.group.remove(1);
  CHECK(bench.group.size() == 2);
  CHECK(bench.group.next_change() == health_bench::time_point::max());
  CHECK(bench.group.add(bench.now) == 1);
  CHECK(bench.state(1) == health_state::up);
  CHECK(bench.group.add(bench.now) == 2);
  CHECK(bench.group.add(bench.now) == 4);
}

TEST_CASE("health_group: one late call does what several would have done", "[balancer][fault-B19]") {
  // The clock is steady; a process that slept sees it jump forward.
  health_bench bench(2);
  bench.refuse(0);
  CHECK(bench.pass(24h));
  CHECK(bench.state(0) == health_state::trial);
  bench.succeed(0);
  CHECK(bench.pass(24h));
  CHECK(bench.state(0) == health_state::up);
  static_assert(health_group::time_point::clock::is_steady);
}

TEST_CASE("health_group: counts of zero and times below it serve as the least that can be", "[balancer]") {
  health_options options;
  options.fall = options.rise = options.overtaken_fall = 0;
  options.first_demotion = options.relapse = options.base_ejection = options.max_ejection = options.slow_start = -1s;
  options.outlier_interval = -1s;
  options.jitter = 7;
  health_bench bench(2, options);
  bench.refuse(0);
  CHECK(bench.state(0) == health_state::down);
  CHECK(bench.pass(0ns));
  CHECK(bench.state(0) == health_state::trial);
  bench.pass(1ns);
  CHECK(bench.succeed(0));
  bench.pass(0ns);
  CHECK(bench.state(0) == health_state::up);
  CHECK(bench.group.of(0).ejections == 0);
}

TEST_CASE("health_group: a report or a look at the clock that changes nothing allocates nothing", "[balancer]") {
  health_bench bench(10'000);
  bench.refuse(17);
  const heap_meter meter;
  for (std::uint32_t id = 20; id < 10'000; ++id) {
    CHECK_FALSE(bench.succeed(id));
    CHECK_FALSE(bench.pass(1us));
  }
  CHECK_FALSE(bench.refuse(17));
  CHECK(meter.allocations() == 0);
}

TEST_CASE("health_group: ten thousand endpoints fall and come back, each at its own time", "[balancer][fault-B9]") {
  health_bench bench(10'000, health_options{});
  for (std::uint32_t id = 1; id < 10'000; ++id) bench.refuse(id);
  int wakes = 0;
  for (auto next = bench.group.next_change(); next != health_bench::time_point::max(); ++wakes) {
    REQUIRE(next > bench.now);
    bench.now = next;
    REQUIRE(bench.group.advance(next));
    next = bench.group.next_change();
  }
  CHECK(wakes > 9'900);  // of 4 * 10^8 nanoseconds: about one equal pair in eight runs
  for (std::uint32_t id = 1; id < 10'000; ++id) REQUIRE(bench.state(id) == health_state::trial);
}

TEST_CASE("health_group: names what it knows", "[balancer]") {
  CHECK(to_string(health_state::warming) == "warming");
  CHECK(to_string(health_reason::probes_failed) == "probes failed");
  CHECK(to_string(outcome_kind::handshake_failed) == "handshake failed");
}

}  // namespace
