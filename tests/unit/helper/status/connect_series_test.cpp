#include "helper/status/connect_series.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdlib>

using namespace sdconnect::helper;
using namespace std::chrono_literals;
using time_point = connect_series::time_point;

TEST_CASE("connect series: counts each second apart, the last whole one at the end", "[helper][status]") {
  connect_series series(time_point(10s));
  series.add(100us, time_point(10s));
  series.add(100us, time_point(10s + 999ms));
  series.add({}, time_point(11s));
  series.add(100us, time_point(13s));
  const auto points = series.points(time_point(13s + 500ms));
  REQUIRE(points.size() == connect_series::length);
  CHECK(points[299] == series_point{});  // second 12
  CHECK(points[298] == series_point{.failures = 1});
  CHECK(points[297].connects == 2);
  CHECK(points[296] == series_point{});
  CHECK(series.points(time_point(14s)).back().connects == 1);
}

TEST_CASE("connect series: after five minutes a second is forgotten", "[helper][status]") {
  connect_series series(time_point(0s));
  series.add(100us, time_point(0s));
  CHECK(series.points(time_point(300s)).front().connects == 1);
  CHECK(series.points(time_point(301s)) == std::vector<series_point>(connect_series::length));
  series.add(100us, time_point(302s));
  CHECK(series.points(time_point(100'000s)) == std::vector<series_point>(connect_series::length));
}

TEST_CASE("connect series: a clock that stands still or began late does no harm", "[helper][status]") {
  connect_series series(time_point(10s));
  series.add(100us, time_point(9s));
  CHECK(series.points(time_point(9s)).back() == series_point{});
  CHECK(series.points(time_point(11s)).back().connects == 1);
}

TEST_CASE("connect series: quantiles are within an eighth", "[helper][status]") {
  const auto time =
      GENERATE(0us, 1us, 3us, 4us, 7us, 8us, 100us, 517us, 1000us, 15'000us, 2'000'000us, 3'600'000'000us);
  INFO(time.count());
  connect_series series(time_point(0s));
  for (int i = 0; i < 98; ++i) series.add(time, time_point(0s));
  series.add(2 * time, time_point(0s));
  series.add(2 * time, time_point(0s));
  const series_point point = series.points(time_point(1s)).back();
  CHECK(std::abs((point.p50 - time).count()) <= time.count() / 8);
  CHECK(std::abs((point.p99 - 2 * time).count()) <= 2 * time.count() / 8);
}

TEST_CASE("connect series: the longest and negative times have a bucket too", "[helper][status]") {
  connect_series series(time_point(0s));
  series.add(std::chrono::microseconds::max(), time_point(0s));
  series.add(-5us, time_point(0s));
  const series_point point = series.points(time_point(1s)).back();
  CHECK(point.p50 == 0us);
  CHECK(point.p99 > 1h);
}
