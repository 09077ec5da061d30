/// \file
/// Virtual time, planned events, and the log of past events.
#pragma once

#include "sdconnect/net/boot_clock.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect::scenario {

/// Times count from the beginning of the scenario, on the boot clock: they include suspensions.
class world {
 public:
  using duration = std::chrono::nanoseconds;
  using steady_time = std::chrono::steady_clock::time_point;

  [[nodiscard]] duration now() const noexcept { return now_; }
  // The two clocks begin at different values, so that tests detect a mix-up.
  [[nodiscard]] steady_time steady() const noexcept { return steady_time(std::chrono::hours(1) + now_ - slept_); }
  [[nodiscard]] boot_clock::time_point boot() const noexcept { return boot_clock::time_point(boot_begin + now_); }
  [[nodiscard]] duration when(steady_time t) const noexcept {
    return t.time_since_epoch() - std::chrono::hours(1) + slept_;
  }
  [[nodiscard]] static duration when(boot_clock::time_point t) noexcept { return t.time_since_epoch() - boot_begin; }

  /// Events planned for the same time run in the order of the calls.
  void at(duration when, std::function<void()> what) { planned_.emplace(std::pair(when, ++count_), std::move(what)); }
  void post(std::function<void()> what) { at(now_, std::move(what)); }
  [[nodiscard]] std::optional<duration> next() const;
  /// REQUIRES: next() has a value.
  void run_next();

  void advance_to(duration when) noexcept {
    if (when > now_) now_ = when;
  }
  /// Events planned for the time of the suspension run when it ends.
  void suspend(duration how_long) noexcept {
    now_ += how_long;
    slept_ += how_long;
  }

  void note(const std::string& what);
  [[nodiscard]] const std::vector<std::string>& notes() const noexcept { return notes_; }

 private:
  static constexpr duration boot_begin = std::chrono::hours(10);

  duration now_{};
  duration slept_{};
  std::uint64_t count_ = 0;
  std::map<std::pair<duration, std::uint64_t>, std::function<void()>> planned_;
  std::vector<std::string> notes_;
};

}  // namespace sdconnect::scenario
