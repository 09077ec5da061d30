// Random events for health_group and for a simple model of it.
#include "unit/balancer/naive_health.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <random>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;

namespace {

using namespace std::chrono_literals;
using time_point = health_group::time_point;

/// A group and the model, which receive the same calls.
class health_pair {
 public:
  explicit health_pair(std::uint32_t seed)
      : random_(seed), options_(draw_options()), group_(options_, random_engine(seed)), model_(options_) {
    for (auto& odds : failing_of_16_) odds = below(3) == 0 ? below(17) : 0;
  }

  /// Applies one random event to both. Returns nullptr, or the difference.
  const char* step() {
    const bool had_all = model_.all.size() >= most;
    const bool was_changed = had_all ? call() : (below(20) == 0 ? add() : call());
    if (group_.size() != model_.all.size()) return "size";
    bool has_changed = false;
    for (auto& [id, expected] : model_.all) {
      const endpoint_health& actual = group_.of(id);
      if (const char* const difference = take_draw(expected, actual)) return difference;
      if (const char* const difference = compare(expected, actual)) return difference;
      seen& before = seen_[id];
      has_changed |= before.state != actual.state || before.share != actual.weight_share;
      before = {actual.state, actual.weight_share};
    }
    if (was_changed != has_changed) return "whether anything changed";
    if (group_.next_change() != model_.next_change(now_)) return "next change";
    return nullptr;
  }

 private:
  static constexpr std::size_t most = 6;

  struct seen {
    health_state state = health_state::up;
    std::uint16_t share = 1000;
  };

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

  health_options draw_options() {
    health_options options;
    options.first_demotion = 100ms * below(4);
    options.fall = 1 + below(4);
    options.rise = 1 + below(3);
    options.overtaken_fall = 1 + below(3);
    options.relapse = 1s * below(3);
    options.silent_close_is_failure = below(2) == 0;
    options.base_ejection = 1s * (1 + below(3));
    options.max_ejection = options.base_ejection * (1 + below(4));
    options.slow_start = 500ms * below(3);
    // The model cannot know when a randomly drawn interval ends.
    options.detect_outliers = below(2) == 0;
    options.jitter = options.detect_outliers ? 0 : 0.25 * below(4);
    options.outlier_interval = 1s;
    options.outlier_least_attempts = 3 + below(5);
    options.outlier_least_endpoints = 2 + below(2);
    // Avoids ratios of small numbers and their roots: otherwise rounding would decide comparisons
    // of equal distances from the mean.
    options.outlier_deviations = 0.4703 + 0.3101 * below(4);
    options.outlier_least_gap = 0.0317 * below(3);
    options.max_ejected_share = 0.25 * (1 + below(4));
    return options;
  }

  bool add() {
    const std::uint32_t id = model_.add(now_);
    seen_[id] = {};
    if (group_.add(now_) == id) return false;
    return true;  // reported as a difference: adding an endpoint changes no other
  }

  std::uint32_t any() {
    auto at = model_.all.begin();
    std::advance(at, below(static_cast<std::uint32_t>(model_.all.size())));
    return at->first;
  }

  bool call() {
    if (model_.all.empty()) return add();
    const std::uint32_t id = any();
    switch (const std::uint32_t kind = below(1000)) {
      case 0: model_.reset(now_); return group_.reset(now_);
      case 1: model_.reset(id, now_); return group_.reset(id, now_);
      case 2: model_.advance_trial(model_.all[id], now_); return group_.advance_trial(id, now_);
      case 3:
      case 4:
        model_.all.erase(id);
        group_.remove(id);
        return false;
      default: return kind < 150 ? pass_time() : kind < 300 ? probe(id) : report(id);
    }
  }

  bool pass_time() {
    now_ += below(20) == 0 ? 1ms * below(20'000) : below(4) == 0 ? 1ms * below(300) : 1ms * below(20);
    // Sometimes exactly at the time of the next change.
    if (below(8) == 0 && group_.next_change() != time_point::max()) now_ = std::max(now_, group_.next_change());
    model_.advance(now_);
    return group_.advance(now_);
  }

  bool probe(std::uint32_t id) {
    const bool is_good = below(3) != 0;
    model_.probe(id, is_good, now_);
    return group_.report_probe(id, is_good, now_);
  }

  bool report(std::uint32_t id) {
    const bool is_failure = below(16) < failing_of_16_[id];
    const auto outcome = static_cast<outcome_kind>(is_failure ? 1 + below(9) : 0);
    const time_point started = below(3) == 0 ? now_ - 1ms * below(400) : now_;
    if (below(500) == 0) failing_of_16_[id] = below(2) == 0 ? 0 : below(17);
    model_.report(id, outcome, started, now_);
    return group_.report(id, outcome, started, now_);
  }

  /// Copies a time with jitter, if jitter could have produced it.
  const char* take_draw(naive_health::one& expected, const endpoint_health& actual) const {
    if (!expected.drawn) return nullptr;
    const std::chrono::duration<double> nominal = *expected.drawn;
    const std::chrono::duration<double> drawn = actual.until - now_;
    if (std::abs((drawn - nominal).count()) > nominal.count() * options_.jitter + 1e-8) return "time down";
    expected.trial_at = actual.until;
    expected.drawn.reset();
    return nullptr;
  }

  const char* compare(const naive_health::one& expected, const endpoint_health& actual) const {
    if (actual.state != expected.state) return "state";
    if (actual.reason != expected.reason) return "reason";
    if (actual.last_failure != expected.last_failure) return "last failure";
    if (actual.weight_share != model_.share(expected, now_)) return "weight share";
    if (actual.consecutive_failures != expected.row) return "row of failures";
    if (actual.ejections != expected.ejections) return "ejections";
    if (actual.since != expected.since) return "since";
    const time_point until = expected.trial_at                         ? *expected.trial_at
                             : expected.state == health_state::warming ? expected.since + options_.slow_start
                                                                       : time_point{};
    return actual.until == until ? nullptr : "until";
  }

  std::mt19937 random_;
  health_options options_;
  health_group group_;
  naive_health model_;
  std::array<seen, most> seen_;
  std::array<std::uint32_t, most> failing_of_16_{};
  time_point now_ = time_point(1h);
};

}  // namespace

TEST_CASE("health_group: agrees with a naive model after every one of 10^6 random events",
          "[balancer][fault-B5][fault-B6][fault-B12]") {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    INFO("seed " << seed);
    health_pair pair(seed);
    const char* difference = nullptr;
    for (int event = 0; event < 10'000 && difference == nullptr; ++event) difference = pair.step();
    INFO(difference);
    REQUIRE(difference == nullptr);
  }
}
