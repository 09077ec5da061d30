/// \file
/// A second, very simple implementation of the rules of health_group: every call visits every
/// endpoint. It copies only times with jitter from the group under test, after checking that jitter
/// could have produced them.
#pragma once

#include "sdconnect/balancer/health_group.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace sdconnect::test {

class naive_health {
 public:
  using time_point = health_group::time_point;

  struct one {
    health_state state = health_state::up;
    health_reason reason = health_reason::none;
    outcome_kind last_failure = outcome_kind::connected;
    std::uint32_t row = 0;
    std::uint32_t ejections = 0;
    time_point since;
    std::optional<time_point> trial_at;  // while down
    // Nominal time of trial_at; the time with jitter is still to be copied from the group.
    std::optional<std::chrono::milliseconds> drawn;
    time_point out_until = time_point::min();
    std::optional<time_point> row_held_until;
    std::optional<time_point> forgiven_at;
    time_point ignore_before;
    std::optional<time_point> ignore_until;
    bool probes_say_down = false;
    std::uint32_t bad_probes = 0;
    std::uint32_t good_probes = 0;
    std::uint32_t attempts = 0;
    std::uint32_t successes = 0;
  };

  explicit naive_health(const health_options& options) : options_(options) {}

  std::map<std::uint32_t, one> all;

  std::uint32_t add(time_point now) {
    std::uint32_t id = 0;
    while (all.contains(id)) ++id;
    reset(id, now);
    return id;
  }

  void reset(std::uint32_t id, time_point now) {
    all[id] = {};
    all[id].since = all[id].ignore_before = now;
  }

  void reset(time_point now) {
    sweep_at_.reset();
    for (auto& [id, endpoint] : all) reset(id, now);
  }

  void advance(time_point now) {
    for (auto& [id, endpoint] : all) {
      if (endpoint.forgiven_at && now >= *endpoint.forgiven_at) {
        --endpoint.ejections;
        endpoint.forgiven_at.reset();
        if (endpoint.ejections > 0) endpoint.forgiven_at = now + ejection(endpoint.ejections);
      }
      if (endpoint.state == health_state::warming && now >= endpoint.since + options_.slow_start) be_up(endpoint, now);
      if (endpoint.state == health_state::down && endpoint.trial_at && now >= *endpoint.trial_at) {
        endpoint.out_until = *endpoint.trial_at;
        endpoint.trial_at.reset();
        if (endpoint.probes_say_down) {
          endpoint.reason = health_reason::probes_failed;
        } else {
          endpoint.state = health_state::trial;
          endpoint.since = now;
        }
      }
    }
    if (sweep_at_ && now >= *sweep_at_) sweep(now);
    keep_one(now);
  }

  void report(std::uint32_t id, outcome_kind outcome, time_point started, time_point now) {
    advance(now);
    if (outcome == outcome_kind::abandoned || outcome == outcome_kind::local_failure) return;
    if (outcome == outcome_kind::closed_silently && !options_.silent_close_is_failure) return;
    one& endpoint = all[id];
    ++endpoint.attempts;
    if (outcome == outcome_kind::connected) ++endpoint.successes;
    if (options_.detect_outliers && !sweep_at_) sweep_at_ = now + options_.outlier_interval;
    if (started < endpoint.ignore_before || (endpoint.ignore_until && started <= *endpoint.ignore_until)) return;

    const bool all_were_out = in_use() == 0;
    if (outcome == outcome_kind::connected) {
      succeed(endpoint, started, now);
    } else {
      fail(endpoint, outcome, now);
    }
    if (all_were_out && in_use() > 0) hasten_all(now);
    keep_one(now);
  }

  void probe(std::uint32_t id, bool is_good, time_point now) {
    advance(now);
    one& endpoint = all[id];
    endpoint.bad_probes = is_good ? 0 : endpoint.bad_probes + 1;
    endpoint.good_probes = is_good ? endpoint.good_probes + 1 : 0;
    if (!endpoint.probes_say_down && endpoint.bad_probes >= options_.fall) {
      endpoint.probes_say_down = true;
      if (endpoint.state != health_state::down) go_down(endpoint, health_reason::probes_failed, now);
    } else if (endpoint.probes_say_down && endpoint.good_probes >= options_.rise) {
      endpoint.probes_say_down = false;
      endpoint.bad_probes = 0;
      const bool all_were_out = in_use() == 0;
      if (endpoint.reason == health_reason::probes_failed) come_back(endpoint, now, now);
      if (all_were_out && in_use() > 0) hasten_all(now);
    }
    keep_one(now);
  }

  void advance_trial(one& endpoint, time_point now) {
    if (endpoint.state != health_state::down || endpoint.probes_say_down || !endpoint.trial_at) return;
    if (endpoint.reason == health_reason::outlier) return;
    endpoint.out_until = *endpoint.trial_at;
    endpoint.trial_at.reset();
    endpoint.state = health_state::trial;
    endpoint.since = now;
  }

  [[nodiscard]] std::uint16_t share(const one& endpoint, time_point now) const {
    if (endpoint.state != health_state::warming) return 1000;
    const auto tenths = (now - endpoint.since) * 10 / options_.slow_start;
    return static_cast<std::uint16_t>(std::max<std::int64_t>(tenths, 1) * 100);
  }

  /// The time at which the group must be called again.
  [[nodiscard]] time_point next_change(time_point now) const {
    time_point first = time_point::max();
    std::size_t outliers = 0;
    for (const auto& [id, endpoint] : all) {
      outliers += is_outlier_out(endpoint);
      if (endpoint.forgiven_at) first = std::min(first, *endpoint.forgiven_at);
      if (endpoint.trial_at) first = std::min(first, *endpoint.trial_at);
      if (endpoint.state != health_state::warming) continue;
      const std::int64_t tenths = std::max<std::int64_t>((now - endpoint.since) * 10 / options_.slow_start, 1);
      first = std::min(first, endpoint.since + (tenths + 1) * std::chrono::nanoseconds(options_.slow_start) / 10);
    }
    return in_use() == 0 && outliers > 0 ? time_point::min() : first;
  }

 private:
  static bool is_outlier_out(const one& endpoint) {
    return endpoint.state == health_state::down && endpoint.reason == health_reason::outlier;
  }

  [[nodiscard]] std::size_t in_use() const {
    std::size_t count = 0;
    for (const auto& [id, endpoint] : all) {
      count += endpoint.state == health_state::up || endpoint.state == health_state::warming;
    }
    return count;
  }

  [[nodiscard]] std::chrono::milliseconds ejection(std::uint32_t nth) const {
    return std::min(nth * options_.base_ejection, options_.max_ejection);
  }

  void succeed(one& endpoint, time_point started, time_point now) {
    const bool by_attempts =
        endpoint.reason == health_reason::attempt_failed || endpoint.reason == health_reason::attempts_failed;
    switch (endpoint.state) {
      case health_state::up:
      case health_state::warming:
        if (!endpoint.row_held_until || now >= *endpoint.row_held_until) endpoint.row = 0;
        return;
      case health_state::trial: return come_back(endpoint, started, now);
      case health_state::down:
        if (!by_attempts) return;
        if (!endpoint.probes_say_down) return come_back(endpoint, started, now);
        endpoint.reason = health_reason::probes_failed;
        endpoint.trial_at.reset();
        endpoint.row = 0;
        return;
    }
  }

  void fail(one& endpoint, outcome_kind outcome, time_point now) {
    endpoint.last_failure = outcome;
    if (endpoint.state == health_state::down) return;
    if (endpoint.state == health_state::trial && now < endpoint.out_until) {
      const time_point again = endpoint.out_until;
      go_down(endpoint, endpoint.reason, now);
      endpoint.trial_at = again;
      return;
    }
    if (endpoint.row_held_until && now >= *endpoint.row_held_until) {
      endpoint.row = 0;
      endpoint.row_held_until.reset();
    }
    ++endpoint.row;
    endpoint.ignore_until = now;
    if (endpoint.row >= options_.fall) return eject(endpoint, health_reason::attempts_failed, now);
    const bool is_in_use = endpoint.state != health_state::trial;
    if (outcome == outcome_kind::overtaken && is_in_use && endpoint.row < options_.overtaken_fall) return;
    go_down(endpoint, health_reason::attempt_failed, now);
    double time = static_cast<double>(options_.first_demotion.count()) * std::pow(2.0, endpoint.row - 1);
    time = std::min(time, static_cast<double>(std::max(options_.base_ejection, options_.first_demotion).count()));
    endpoint.drawn = std::chrono::milliseconds(static_cast<std::int64_t>(time));
  }

  void eject(one& endpoint, health_reason reason, time_point now) {
    ++endpoint.ejections;
    go_down(endpoint, reason, now);
    endpoint.drawn = ejection(endpoint.ejections);
  }

  static void go_down(one& endpoint, health_reason reason, time_point now) {
    endpoint.state = health_state::down;
    endpoint.reason = reason;
    endpoint.since = now;
    endpoint.trial_at.reset();
    endpoint.forgiven_at.reset();
    endpoint.row_held_until.reset();
    endpoint.ignore_until = now;
  }

  void come_back(one& endpoint, time_point proof_began, time_point now) {
    endpoint.state = health_state::warming;
    endpoint.since = now;
    endpoint.trial_at.reset();
    endpoint.drawn.reset();
    endpoint.ignore_before = proof_began;
    const outcome_kind last = endpoint.last_failure;
    const bool is_chance =
        last == outcome_kind::overtaken || last == outcome_kind::reset || last == outcome_kind::closed_silently;
    if (is_chance) endpoint.row = 0;
    if (endpoint.row > 0) endpoint.row_held_until = now + options_.relapse;
    if (endpoint.ejections > 0) endpoint.forgiven_at = now + ejection(endpoint.ejections);
    if (options_.slow_start.count() == 0) be_up(endpoint, now);
  }

  static void be_up(one& endpoint, time_point now) {
    endpoint.state = health_state::up;
    endpoint.reason = health_reason::none;
    endpoint.since = now;
  }

  void hasten_all(time_point now) {
    for (auto& [id, endpoint] : all) advance_trial(endpoint, now);
  }

  void keep_one(time_point now) {
    if (in_use() > 0) return;
    for (auto& [id, endpoint] : all) {
      if (is_outlier_out(endpoint)) come_back(endpoint, now, now);
    }
  }

  void sweep(time_point now) {
    sweep_at_.reset();
    std::vector<std::pair<double, std::uint32_t>> rates;
    for (auto& [id, endpoint] : all) {
      const bool is_in_use = endpoint.state == health_state::up || endpoint.state == health_state::warming;
      if (is_in_use && endpoint.attempts >= options_.outlier_least_attempts) {
        rates.emplace_back(1.0 * endpoint.successes / endpoint.attempts, id);
      }
      endpoint.attempts = endpoint.successes = 0;
    }
    if (rates.size() < options_.outlier_least_endpoints) return;
    const auto count = static_cast<double>(rates.size());
    double mean = 0, variance = 0;
    for (const auto& [rate, id] : rates) mean += rate / count;
    for (const auto& [rate, id] : rates) variance += (rate - mean) * (rate - mean) / count;
    std::sort(rates.begin(), rates.end());
    for (const auto& [rate, id] : rates) {
      if (rate >= mean - options_.outlier_deviations * std::sqrt(variance)) continue;
      if (rate >= mean - options_.outlier_least_gap) continue;
      const auto out = static_cast<double>(
          std::count_if(all.begin(), all.end(), [](const auto& entry) { return is_outlier_out(entry.second); }));
      if ((out + 1) / static_cast<double>(all.size()) > options_.max_ejected_share || in_use() == 1) return;
      eject(all[id], health_reason::outlier, now);
    }
  }

  health_options options_;
  std::optional<time_point> sweep_at_;
};

}  // namespace sdconnect::test
