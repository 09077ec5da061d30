#include "sdconnect/balancer/probe_schedule.hpp"

#include "sdconnect/balancer/goodness_of_fit.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;

namespace {

using namespace std::chrono_literals;
using time_point = probe_schedule::time_point;

constexpr time_point start{1h};

/// Runs the next due probe, whenever it is due; the probe ends at once.
std::uint32_t probe_next(probe_schedule& schedule, time_point& now) {
  now = std::max(now, schedule.next_due());
  const std::uint32_t id = schedule.take_due(now).value();
  schedule.done(id, now);
  return id;
}

TEST_CASE("probe_schedule: the first probes of a thousand clients are spread over the interval",
          "[balancer][fault-B9]") {
  std::vector<std::uint64_t> counts(10);
  for (std::uint64_t client = 0; client < 1000; ++client) {
    probe_schedule schedule({}, random_engine(client));
    schedule.add(0, start);
    ++counts[static_cast<std::size_t>((schedule.next_due() - start) / 500ms)];
  }
  // Fixed seeds: a correct program fails for one seed in a thousand.
  CHECK(chi_square_p(counts, std::vector<double>(10, 0.1)) > 0.001);
}

TEST_CASE("probe_schedule: intervals differ by a fifth, so clients in step do not stay so", "[balancer][fault-B9]") {
  probe_schedule schedule({}, random_engine(1));
  schedule.add(7, start);
  time_point now = start;
  CHECK(probe_next(schedule, now) == 7);
  auto shortest = 1h / 1ns * 1ns, longest = 0ns;
  for (int i = 0; i < 1000; ++i) {
    const time_point before = now;
    CHECK(probe_next(schedule, now) == 7);
    shortest = std::min<std::chrono::nanoseconds>(shortest, now - before);
    longest = std::max<std::chrono::nanoseconds>(longest, now - before);
  }
  CHECK(shortest >= 4s);
  CHECK(shortest < 4100ms);
  CHECK(longest <= 6s);
  CHECK(longest > 5900ms);
}

TEST_CASE("probe_schedule: those who are down are probed more often", "[balancer][fault-B9]") {
  probe_schedule schedule({.interval = 10s, .hurried_interval = 1s}, random_engine(1));
  for (std::uint32_t id = 0; id < 2; ++id) schedule.add(id, start);
  schedule.set_hurried(1, true, start);
  CHECK(schedule.next_due() <= start + 1200ms);  // earlier than its first scheduled probe, if that was late
  std::array<int, 2> probes{};
  for (time_point now = start; now < start + 1000s;) ++probes[probe_next(schedule, now)];
  CHECK(probes[0] >= 83);
  CHECK(probes[0] <= 126);
  CHECK(probes[1] >= 833);
  CHECK(probes[1] <= 1251);

  schedule.set_hurried(1, false, start + 1000s);
  std::fill(probes.begin(), probes.end(), 0);
  for (time_point now = start + 1000s; now < start + 2000s;) ++probes[probe_next(schedule, now)];
  CHECK(probes[1] <= 127);
}

TEST_CASE("probe_schedule: hurry does not put a probe off", "[balancer]") {
  probe_schedule schedule({.interval = 2s, .hurried_interval = 1s}, random_engine(1));
  schedule.add(0, start);
  const time_point due = schedule.next_due();
  schedule.set_hurried(0, true, due - 1ms);
  CHECK(schedule.next_due() == due);
}

TEST_CASE("probe_schedule: no more than a few are under way", "[balancer]") {
  probe_schedule schedule({.at_once = 3}, random_engine(1));
  for (std::uint32_t id = 0; id < 10; ++id) schedule.add(id, start);
  const time_point late = start + 1min;
  std::vector<std::uint32_t> taken;
  while (const std::optional<std::uint32_t> id = schedule.take_due(late)) taken.push_back(*id);
  CHECK(taken.size() == 3);
  CHECK(schedule.under_way() == 3);
  CHECK(schedule.next_due() == time_point::max());
  schedule.done(taken[0], late);
  CHECK(schedule.take_due(late).has_value());
  schedule.remove(taken[1]);  // its probe is over too
  CHECK(schedule.take_due(late).has_value());
  CHECK_FALSE(schedule.take_due(late).has_value());
  schedule.done(taken[1], late);  // for a removed endpoint
  CHECK(schedule.under_way() == 3);
}

TEST_CASE("probe_schedule: a probe that took longer than the interval is followed by the next", "[balancer]") {
  probe_schedule schedule({}, random_engine(1));
  schedule.add(0, start);
  const time_point began = schedule.next_due();
  CHECK(schedule.take_due(began) == 0U);
  schedule.done(0, began + 1min);
  CHECK(schedule.next_due() == began + 1min);
}

TEST_CASE("probe_schedule: gives everyone its turn while endpoints come and go", "[balancer]") {
  probe_schedule schedule({.interval = 1s, .at_once = 2}, random_engine(1));
  schedule.add(1, start);
  schedule.add(1, start);  // counts once
  CHECK(schedule.size() == 1);
  schedule.add(2, start);
  schedule.add(3, start);
  schedule.remove(2);
  schedule.remove(2);
  schedule.set_hurried(2, true, start);
  schedule.done(3, start);  // was not in progress
  std::array<int, 4> probes{};
  for (time_point now = start; now < start + 100s;) ++probes[probe_next(schedule, now)];
  CHECK(probes[1] >= 83);
  CHECK(probes[2] == 0);
  CHECK(probes[3] >= 83);
  schedule.remove(1);
  schedule.remove(3);
  CHECK(schedule.next_due() == time_point::max());
}

}  // namespace
