#include "helper/status/service_meter.hpp"

#include "sdconnect/net/random.hpp"
#include "unit/helper/status/sample_status.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::helper;
using test::balanced;

namespace {

std::vector<status_endpoint> pair_of(double share, std::uint64_t first, std::uint64_t second) {
  return {{.balanced = balanced("h1", 80, 0, 1, share, first)},
          {.balanced = balanced("h2", 80, 0, 1, 1 - share, second)}};
}

}  // namespace

TEST_CASE("service meter: picks before the first look are as expected", "[helper][status]") {
  service_meter meter;
  auto endpoints = pair_of(0.5, 100, 7);
  meter.update(endpoints);
  CHECK(endpoints[0].expected.picks == 100);
  CHECK(endpoints[0].expected.deviation(100) == 0);
  CHECK(endpoints[1].expected.deviation(7) == 0);
  CHECK(meter.totals().stats.picks == 107);
}

TEST_CASE("service meter: each interval counts with the shares at its start", "[helper][status]") {
  service_meter meter;
  auto endpoints = pair_of(0.75, 0, 0);
  meter.update(endpoints);
  endpoints = pair_of(0, 80, 20);  // 100 picks at 3 : 1; from now on the first one is down
  meter.update(endpoints);
  CHECK(endpoints[0].expected.picks == Approx(75));
  CHECK(endpoints[0].expected.variance == Approx(18.75));
  CHECK(endpoints[0].expected.deviation(80) == Approx(5 / std::sqrt(18.75)));
  CHECK(endpoints[1].expected.deviation(20) == Approx(-5 / std::sqrt(18.75)));
  endpoints = pair_of(0, 80, 1020);  // 1,000 picks of the second
  meter.update(endpoints);
  CHECK(endpoints[0].expected.picks == Approx(75));
  CHECK(endpoints[1].expected.picks == Approx(1025));
  CHECK(meter.totals().stats.picks == 1100);
}

TEST_CASE("service meter: one endpoint alone never deviates", "[helper][status]") {
  service_meter meter;
  for (std::uint64_t picks : {0u, 10u, 1000u}) {
    std::vector<status_endpoint> endpoints{{.balanced = balanced("h1", 80, 0, 1, 1, picks)}};
    meter.update(endpoints);
    CHECK(endpoints[0].expected.deviation(picks) == 0);
  }
}

TEST_CASE("service meter: fair draws deviate by about one sigma, unfair ones by more", "[helper][status]") {
  random_engine random(1);
  const bool is_fair = GENERATE(true, false);
  service_meter meter;
  std::uint64_t first = 0;
  std::uint64_t all = 0;
  std::uint64_t percent = 50;
  auto endpoints = pair_of(0.5, 0, 0);
  meter.update(endpoints);
  for (int second = 0; second < 100; ++second) {
    for (int i = 0; i < 100; ++i, ++all) first += uniform_below(random, 100) < percent + (is_fair ? 0 : 5);
    percent = second % 2 == 0 ? 20 : 50;
    endpoints = pair_of(static_cast<double>(percent) / 100, first, all - first);
    meter.update(endpoints);
  }
  const double sigma = endpoints[0].expected.deviation(first);
  CHECK((std::abs(sigma) < 4) == is_fair);
}

TEST_CASE("service meter: totals never decrease", "[helper][status]") {
  service_meter meter;
  std::vector<status_endpoint> endpoints = pair_of(0.5, 10, 20);
  endpoints[0].octets_up = 5;
  meter.update(endpoints);
  SECTION("an endpoint left DNS") {
    endpoints.erase(endpoints.begin());
    endpoints[0].balanced.stats.picks = 25;
    meter.update(endpoints);
    CHECK(meter.totals().stats.picks == 35);
    CHECK(meter.totals().octets_up == 5);
  }
  SECTION("an endpoint came back with new counters") {
    endpoints[0].balanced.stats.picks = 3;
    meter.update(endpoints);
    CHECK(meter.totals().stats.picks == 33);
    CHECK(endpoints[0].expected.deviation(3) == 0);
  }
  SECTION("everything left") {
    endpoints.clear();
    meter.update(endpoints);
    CHECK(meter.totals().stats.picks == 30);
  }
}

TEST_CASE("service meter: the same host in two tiers is two endpoints", "[helper][status]") {
  service_meter meter;
  std::vector<status_endpoint> endpoints{{.balanced = balanced("h1", 80, 0, 1, 1, 0)},
                                         {.balanced = balanced("h1", 80, 1, 1, 0, 0)}};
  meter.update(endpoints);
  endpoints[0].balanced.stats.picks = 10;
  meter.update(endpoints);
  CHECK(endpoints[0].expected.picks == 10);
  CHECK(endpoints[1].expected.picks == 0);
}

TEST_CASE("latency quantile: is interpolated within a bucket", "[helper][status]") {
  endpoint_stats stats;
  CHECK_FALSE(latency_quantile(stats, 0.5));
  stats.latency[10] = 4;  // 512 to 1,024 us
  CHECK(latency_quantile(stats, 0.5)->count() == 768);
  CHECK(latency_quantile(stats, 1)->count() == 1024);
  stats.latency[0] = 4;
  CHECK(latency_quantile(stats, 0.5)->count() == 1);
  CHECK(latency_quantile(stats, 0.99)->count() > 1000);
  stats = {};
  stats.latency[31] = 1;
  CHECK(latency_quantile(stats, 0.5)->count() == std::int64_t{1} << 31);
}
