/// \file
/// Decides which of many endpoints is probed next, and when.
#pragma once

#include "sdconnect/net/random.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

namespace sdconnect {

/// Intervals are measured between the beginnings of probes. Those longer than a year count as a
/// year.
struct probe_schedule_options {
  std::chrono::milliseconds interval{5000};
  std::chrono::milliseconds hurried_interval{1000};  ///< for those down or between states (HAProxy: fastinter)
  double jitter = 0.2;                               ///< every interval is randomized by up to this share, both ways
  std::size_t at_once = 100;                         ///< maximum number of probes under way, at least 1
};

/// The first probe comes after a random part of an interval, so that neither the endpoints of one
/// client nor the clients of one endpoint are in step; jitter keeps them out of step. The caller
/// chooses the ids. Every function is O(log n). `now` never goes back between calls. Not thread
/// safe.
class probe_schedule {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  probe_schedule(const probe_schedule_options& options, random_engine random);

  /// Adds an endpoint. Does nothing if the id is there already.
  void add(std::uint32_t id, time_point now);
  /// Removes an endpoint. A probe of it under way no longer counts; the caller ends it. Does
  /// nothing if the id is unknown.
  void remove(std::uint32_t id);
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] std::size_t under_way() const noexcept { return under_way_; }

  /// Switches to the other interval. If `is_hurried`, a probe that is due later than one hurried
  /// interval from now moves to that time.
  void set_hurried(std::uint32_t id, bool is_hurried, time_point now);

  /// Time at which take_due() returns an id. time_point::max(): not before add() or done().
  [[nodiscard]] time_point next_due() const noexcept;
  /// Returns the id that has waited longest; its probe counts as under way from now on. Call it
  /// until it returns nothing.
  [[nodiscard]] std::optional<std::uint32_t> take_due(time_point now);
  /// Records that the probe has ended. Does nothing if none is under way.
  void done(std::uint32_t id, time_point now);

 private:
  struct entry {
    time_point due;  // under way: when it began
    bool is_hurried = false;
    bool is_under_way = false;
  };

  time_point draw(const entry& of, time_point from);

  probe_schedule_options options_;
  random_engine random_;
  std::unordered_map<std::uint32_t, entry> entries_;
  std::set<std::pair<time_point, std::uint32_t>> waiting_;
  std::size_t under_way_ = 0;
};

}  // namespace sdconnect
