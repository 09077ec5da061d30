/// \file
/// A health_group of n endpoints whose attempts are instantaneous, and a clock that the test
/// advances.
#pragma once

#include "sdconnect/balancer/health_group.hpp"

#include <chrono>
#include <cstdint>

namespace sdconnect::test {

struct health_bench {
  using time_point = health_group::time_point;

  /// No random draws, so that a test can predict every time.
  static health_options without_jitter() {
    health_options options;
    options.jitter = 0;
    return options;
  }

  explicit health_bench(std::uint32_t endpoints, const health_options& options = without_jitter(),
                        std::uint64_t seed = 1)
      : group(options, random_engine(seed)) {
    for (std::uint32_t i = 0; i < endpoints; ++i) group.add(now);
  }

  bool pass(std::chrono::nanoseconds time) { return group.advance(now += time); }
  bool report(std::uint32_t id, outcome_kind outcome) { return group.report(id, outcome, now, now); }
  bool succeed(std::uint32_t id) { return report(id, outcome_kind::connected); }
  bool refuse(std::uint32_t id) { return report(id, outcome_kind::refused); }
  bool probe(std::uint32_t id, bool is_good) { return group.report_probe(id, is_good, now); }

  [[nodiscard]] health_state state(std::uint32_t id) const { return group.of(id).state; }
  [[nodiscard]] health_reason reason(std::uint32_t id) const { return group.of(id).reason; }
  [[nodiscard]] std::chrono::nanoseconds time_down(std::uint32_t id) const { return group.of(id).until - now; }

  time_point now = time_point(std::chrono::hours(1));
  health_group group;
};

}  // namespace sdconnect::test
