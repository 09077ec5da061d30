// How endpoints return after being down: by attempts, by probes, slowly, together.
#include "sdconnect/balancer/health_group.hpp"
#include "unit/balancer/health_bench.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;

namespace {

using namespace std::chrono_literals;

TEST_CASE("health_group: an attempt older than the one that brought the endpoint back says nothing", "[balancer]") {
  health_bench bench(2);
  bench.refuse(0);
  bench.pass(500ms);
  const auto of_last_resort = bench.now;
  bench.pass(500ms);
  CHECK(bench.succeed(0));
  bench.pass(1s);
  CHECK_FALSE(bench.group.report(0, outcome_kind::timed_out, of_last_resort, bench.now));
  CHECK(bench.state(0) == health_state::warming);
  // But the stream of the trial itself may break.
  CHECK(bench.group.report(0, outcome_kind::reset, bench.now - 1s, bench.now));
  CHECK(bench.state(0) == health_state::down);
}

TEST_CASE("health_group: weight comes back by tenths", "[balancer][fault-B11]") {
  health_bench bench(2);
  bench.refuse(0);
  bench.pass(1s);
  CHECK(bench.succeed(0));
  CHECK(bench.group.of(0).weight_share == 100);
  CHECK(bench.group.of(0).until == bench.now + 10s);
  CHECK_FALSE(bench.pass(1s));
  for (std::uint16_t share = 200; share <= 900; share = static_cast<std::uint16_t>(share + 100)) {
    CHECK(bench.group.next_change() == bench.now + 1s);
    CHECK(bench.pass(1s));
    CHECK(bench.group.of(0).weight_share == share);
    CHECK(bench.state(0) == health_state::warming);
  }
  CHECK(bench.pass(1s));
  CHECK(bench.group.of(0).weight_share == 1000);
  CHECK(bench.state(0) == health_state::up);
  CHECK(bench.reason(0) == health_reason::none);
}

TEST_CASE("health_group: without slow start a success brings everything back", "[balancer]") {
  health_options options = health_bench::without_jitter();
  options.slow_start = 0ms;
  health_bench bench(2, options);
  bench.refuse(0);
  bench.pass(1s);
  CHECK(bench.succeed(0));
  CHECK(bench.state(0) == health_state::up);
  CHECK(bench.group.next_change() == health_bench::time_point::max());
}

TEST_CASE("health_group: who stays well is forgiven one ejection after the other", "[balancer]") {
  health_options options = health_bench::without_jitter();
  options.fall = 1;
  options.slow_start = 0ms;
  health_bench bench(2, options);
  for (int n = 1; n <= 2; ++n) {
    bench.refuse(0);
    bench.pass(n * 30s);
    bench.succeed(0);
    bench.pass(11s);
  }
  CHECK(bench.group.of(0).ejections == 2);
  CHECK_FALSE(bench.pass(49s));  // 60 s after its return
  CHECK(bench.group.of(0).ejections == 1);
  CHECK(bench.group.next_change() == bench.now + 30s);
  bench.pass(30s);
  CHECK(bench.group.of(0).ejections == 0);
  CHECK(bench.group.next_change() == health_bench::time_point::max());
}

TEST_CASE("health_group: probes take out after fall and bring back after rise", "[balancer][fault-B5]") {
  health_bench bench(2);
  CHECK_FALSE(bench.probe(0, false));
  CHECK_FALSE(bench.probe(0, false));
  CHECK_FALSE(bench.probe(0, true));  // ends the series
  CHECK_FALSE(bench.probe(0, false));
  CHECK_FALSE(bench.probe(0, false));
  CHECK(bench.probe(0, false));
  CHECK(bench.reason(0) == health_reason::probes_failed);
  CHECK(bench.group.next_change() == health_bench::time_point::max());
  bench.pass(1h);
  CHECK(bench.state(0) == health_state::down);
  CHECK_FALSE(bench.probe(0, true));
  CHECK_FALSE(bench.probe(0, false));
  CHECK_FALSE(bench.probe(0, true));
  CHECK(bench.probe(0, true));
  CHECK(bench.state(0) == health_state::warming);
}

TEST_CASE("health_group: good probes do not bring back what attempts took out", "[balancer][fault-B12]") {
  health_bench bench(2);
  bench.refuse(0);
  for (int i = 0; i < 10; ++i) CHECK_FALSE(bench.probe(0, true));
  CHECK(bench.state(0) == health_state::down);
  bench.pass(1s);
  for (int i = 0; i < 10; ++i) CHECK_FALSE(bench.probe(0, true));
  CHECK(bench.state(0) == health_state::trial);  // an attempt decides
}

TEST_CASE("health_group: what probes took out meanwhile has no trial", "[balancer][fault-B12]") {
  health_bench bench(2);
  bench.refuse(0);
  for (int i = 0; i < 3; ++i) bench.probe(0, false);
  CHECK(bench.reason(0) == health_reason::attempt_failed);
  bench.pass(1s);
  CHECK(bench.state(0) == health_state::down);
  CHECK(bench.reason(0) == health_reason::probes_failed);
  bench.probe(0, true);
  CHECK(bench.probe(0, true));
  CHECK(bench.state(0) == health_state::warming);
}

TEST_CASE("health_group: the only endpoint is down and yet comes back by its own success", "[balancer][fault-B17]") {
  health_bench bench(1);
  bench.refuse(0);
  CHECK(bench.state(0) == health_state::down);
  bench.pass(10ms);
  CHECK_FALSE(bench.refuse(0));  // an attempt of last resort: no new information
  CHECK(bench.time_down(0) == 990ms);
  bench.pass(10ms);
  CHECK(bench.succeed(0));
  CHECK(bench.state(0) == health_state::warming);
}

TEST_CASE("health_group: after a total outage the first to come back does not stay alone", "[balancer][fault-B11]") {
  health_bench bench(10);
  for (int failure = 0; failure < 3; ++failure) {
    for (std::uint32_t id = 0; id < 10; ++id) bench.refuse(id);
    bench.pass(4s);
  }
  for (std::uint32_t id = 0; id < 10; ++id) CHECK(bench.reason(id) == health_reason::attempts_failed);
  const auto due = bench.group.of(5).until;

  CHECK(bench.succeed(0));  // an attempt of last resort
  CHECK(bench.state(0) == health_state::warming);
  for (std::uint32_t id = 1; id < 10; ++id) CHECK(bench.state(id) == health_state::trial);
  // One has not returned: it stays out for the rest of its time, without a longer penalty for the
  // early attempt.
  bench.refuse(5);
  CHECK(bench.state(5) == health_state::down);
  CHECK(bench.group.of(5).until == due);
  CHECK(bench.group.of(5).ejections == 1);
  for (const std::uint32_t id : {1U, 2U, 3U, 4U, 6U, 7U, 8U, 9U}) {
    bench.succeed(id);
    CHECK(bench.group.of(id).weight_share == bench.group.of(0).weight_share);  // all equal: the same as full weights
  }
}

TEST_CASE("health_group: one that is back while others were in use hastens nobody", "[balancer]") {
  health_bench bench(3);
  bench.refuse(0);
  bench.pass(100ms);
  bench.refuse(1);
  bench.pass(900ms);
  bench.succeed(0);
  CHECK(bench.state(1) == health_state::down);
  CHECK(bench.group.advance_trial(1, bench.now));  // but a caller may advance it
  CHECK(bench.state(1) == health_state::trial);
  CHECK_FALSE(bench.group.advance_trial(2, bench.now));
}

}  // namespace
