#include "balancer/health/outliers.hpp"
#include "sdconnect/balancer/health_group.hpp"
#include "unit/balancer/health_bench.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;

namespace {

using namespace std::chrono_literals;

/// Reports `percent` successes in a hundred attempts. The failures affect only the rate, because
/// they began before the endpoint was added.
void report_rate(health_bench& bench, std::uint32_t id, int percent) {
  const auto before = bench.now - 1h;
  for (int i = 0; i < percent; ++i) bench.succeed(id);
  for (int i = percent; i < 100; ++i) bench.group.report(id, outcome_kind::reset, before, bench.now);
}

/// Ends the interval.
bool sweep(health_bench& bench) { return bench.pass(10s); }

TEST_CASE("find_outliers: is Envoy's formula", "[balancer][fault-B6]") {
  // Rates 1, 1, 1, 1, 0.5: mean 0.9, population standard deviation 0.2, so the limit is 0.52 at 1.9
  // deviations.
  const std::vector<attempt_tally> tallies{{0, 100, 100}, {1, 200, 200}, {2, 100, 100}, {3, 100, 100}, {4, 100, 50}};
  health_options options;
  CHECK(find_outliers(tallies, options) == std::vector<std::uint32_t>{4});
  options.outlier_deviations = 2.1;  // 0.48
  CHECK(find_outliers(tallies, options).empty());
}

TEST_CASE("find_outliers: judges only those with enough attempts, if they are enough", "[balancer]") {
  std::vector<attempt_tally> tallies{{0, 100, 100}, {1, 100, 100}, {2, 100, 100}, {3, 100, 100}, {4, 99, 0}};
  CHECK(find_outliers(tallies, {}).empty());  // four
  tallies.push_back({5, 100, 10});
  CHECK(find_outliers(tallies, {}) == std::vector<std::uint32_t>{5});
  CHECK(find_outliers({}, {}).empty());
}

TEST_CASE("find_outliers: the first failure among perfect ones is none", "[balancer]") {
  const std::vector<attempt_tally> tallies{{0, 100, 100}, {1, 100, 100}, {2, 100, 100}, {3, 100, 100}, {4, 100, 99}};
  health_options options;
  CHECK(find_outliers(tallies, options).empty());
  options.outlier_least_gap = 0;
  CHECK(find_outliers(tallies, options) == std::vector<std::uint32_t>{4});
}

TEST_CASE("find_outliers: equals are no outliers, whatever rounding does", "[balancer]") {
  health_options options;
  options.outlier_least_gap = 0;
  options.outlier_least_attempts = 1;
  for (std::uint32_t attempts = 1; attempts < 50; ++attempts) {
    for (std::uint32_t successes = 0; successes <= attempts; ++successes) {
      std::vector<attempt_tally> tallies;
      for (std::uint32_t id = 0; id < 7; ++id) tallies.push_back({id, attempts, successes});
      CHECK(find_outliers(tallies, options).empty());
    }
  }
}

TEST_CASE("find_outliers: the worst comes first", "[balancer]") {
  std::vector<attempt_tally> tallies;
  for (std::uint32_t id = 0; id < 20; ++id) tallies.push_back({id, 100, 100});
  tallies[3].successes = 20;
  tallies[7].successes = 10;
  CHECK(find_outliers(tallies, {}) == std::vector<std::uint32_t>{7, 3});
}

TEST_CASE("health_group: ejects an outlier at the end of the interval, and tries it again", "[balancer][fault-B6]") {
  health_bench bench(10);
  for (std::uint32_t id = 0; id < 10; ++id) report_rate(bench, id, id == 4 ? 60 : 100);
  CHECK_FALSE(bench.pass(9999ms));
  CHECK(bench.pass(1ms));
  CHECK(bench.state(4) == health_state::down);
  CHECK(bench.reason(4) == health_reason::outlier);
  CHECK(bench.time_down(4) == 30s);
  CHECK_FALSE(bench.succeed(4));  // it stays out for its full time, whatever a single attempt or probe reports
  for (int i = 0; i < 5; ++i) CHECK_FALSE(bench.probe(4, true));
  bench.pass(30s);
  CHECK(bench.state(4) == health_state::trial);
  bench.succeed(4);
  CHECK(bench.state(4) == health_state::warming);
}

TEST_CASE("health_group: each interval is judged by itself", "[balancer]") {
  health_bench bench(5);
  for (std::uint32_t id = 0; id < 5; ++id) report_rate(bench, id, 100);
  CHECK_FALSE(sweep(bench));
  for (std::uint32_t id = 0; id < 5; ++id) report_rate(bench, id, id == 0 ? 0 : 100);
  CHECK(sweep(bench));
  CHECK(bench.reason(0) == health_reason::outlier);
}

TEST_CASE("health_group: an interval without reports wakes nobody", "[balancer]") {
  health_bench bench(5);
  CHECK(bench.group.next_change() == health_bench::time_point::max());
  for (std::uint32_t id = 0; id < 5; ++id) report_rate(bench, id, id == 0 ? 0 : 100);
  CHECK(bench.group.next_change() == health_bench::time_point::max());
  bench.now += 1h;
  CHECK(bench.succeed(1));  // the first report after that
  CHECK(bench.reason(0) == health_reason::outlier);
}

TEST_CASE("health_group: no more than the greatest share of outliers is out at a time", "[balancer][fault-B6]") {
  health_options options = health_bench::without_jitter();
  options.outlier_deviations = 0.5;
  health_bench bench(10, options);
  const auto ejected = [&] {
    int count = 0;
    for (std::uint32_t id = 0; id < 10; ++id) count += bench.reason(id) == health_reason::outlier;
    return count;
  };
  for (int interval = 0; interval < 2; ++interval) {
    // In every interval most of the remaining endpoints are far worse than two of them.
    for (std::uint32_t id = 0; id < 10; ++id) report_rate(bench, id, id < 7 ? static_cast<int>(id) : 100);
    sweep(bench);
    CHECK(ejected() == 5);
  }
  for (std::uint32_t id = 0; id < 5; ++id) CHECK(bench.state(id) == health_state::down);  // the worst
}

TEST_CASE("health_group: one that is in use is always kept", "[balancer][fault-B6]") {
  health_options options = health_bench::without_jitter();
  options.outlier_deviations = 0;
  options.max_ejected_share = 1;
  options.outlier_least_endpoints = 1;
  health_bench bench(4, options);
  for (std::uint32_t id = 0; id < 3; ++id) report_rate(bench, id, static_cast<int>(id) * 10);
  report_rate(bench, 3, 90);
  bench.pass(9999ms);
  bench.refuse(3);  // the best one is down during the judgement of the others
  bench.pass(1ms);
  int in_use = 0;
  for (std::uint32_t id = 0; id < 4; ++id) in_use += bench.state(id) == health_state::up;
  CHECK(in_use >= 1);
}

TEST_CASE("health_group: outliers are back when nothing else is left", "[balancer][fault-B6]") {
  health_bench bench(5);
  for (std::uint32_t id = 0; id < 5; ++id) report_rate(bench, id, id == 0 ? 50 : 100);
  sweep(bench);
  REQUIRE(bench.reason(0) == health_reason::outlier);
  bench.refuse(1);
  bench.refuse(2);
  bench.refuse(3);
  CHECK(bench.state(0) == health_state::down);

  SECTION("by failure") {
    CHECK(bench.refuse(4));
    CHECK(bench.state(0) == health_state::warming);
  }
  SECTION("by removal") {
    bench.group.remove(4);
    CHECK(bench.group.next_change() <= bench.now);
    CHECK(bench.group.advance(bench.now));
    CHECK(bench.state(0) == health_state::warming);
  }
}

TEST_CASE("health_group: outlier detection can be left out", "[balancer]") {
  health_options options = health_bench::without_jitter();
  options.detect_outliers = false;
  health_bench bench(5, options);
  for (std::uint32_t id = 0; id < 5; ++id) report_rate(bench, id, id == 0 ? 0 : 100);
  CHECK_FALSE(sweep(bench));
  CHECK(bench.state(0) == health_state::up);
}

TEST_CASE("health_group: what cannot be tried does not count among those in use", "[balancer][fault-B6]") {
  health_bench bench(12);
  for (std::uint32_t id = 6; id < 12; ++id) bench.group.set_usable(id, false);
  CHECK(bench.group.size() == 6);
  SECTION("for the greatest share of outliers") {
    for (std::uint32_t id = 0; id < 6; ++id) report_rate(bench, id, id < 5 ? 100 : 0);
    CHECK(sweep(bench));
    CHECK(bench.state(5) == health_state::down);
    for (std::uint32_t id = 0; id < 5; ++id) report_rate(bench, id, id < 4 ? 100 : 0);
    bench.group.set_usable(0, false);
    bench.group.set_usable(1, false);
    CHECK_FALSE(sweep(bench));  // two of four would be out, which is half; three would be more
    for (std::uint32_t id = 0; id < 5; ++id) CHECK(bench.state(id) == health_state::up);
  }
  SECTION("for the last one in use") {
    for (std::uint32_t id = 0; id < 6; ++id) report_rate(bench, id, id < 5 ? 100 : 0);
    CHECK(sweep(bench));
    for (std::uint32_t id = 0; id < 5; ++id) bench.refuse(id);
    CHECK(bench.state(5) == health_state::warming);
  }
  SECTION("and counts again when it can be") {
    bench.group.set_usable(7, true);
    bench.group.set_usable(7, true);
    CHECK(bench.group.size() == 7);
    for (std::uint32_t id = 0; id < 6; ++id) bench.refuse(id);
    CHECK(bench.refuse(7));
    bench.group.remove(7);
    CHECK(bench.group.size() == 6);
  }
}

}  // namespace
