/// \file
/// Which of many endpoints is to be probed next, and when.
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

/// Intervals are those between the beginnings of probes. Longer ones than a year serve as a year.
struct probe_schedule_options {
  std::chrono::milliseconds interval{5000};
  std::chrono::milliseconds hurried_interval{1000};  ///< of those down or between states (HAProxy: fastinter)
  double jitter = 0.2;                               ///< every interval is drawn from this share above or below
  std::size_t at_once = 100;                         ///< probes under way, one at least
};

/// The first probe comes after a random part of an interval, so that neither the endpoints of one
/// client nor the clients of one endpoint are in step; jitter keeps them so. Keyed by the caller's
/// ids. Every function is O(log n). `now` never goes back between calls. Not thread safe.
class probe_schedule {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  probe_schedule(const probe_schedule_options& options, random_engine random);

  /// Does nothing when it is there already.
  void add(std::uint32_t id, time_point now);
  /// A probe under way no longer counts: the caller ends it. Does nothing when there is none.
  void remove(std::uint32_t id);
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] std::size_t under_way() const noexcept { return under_way_; }

  /// From now on the other interval; a probe that would come later than the hurried interval comes
  /// with it.
  void set_hurried(std::uint32_t id, bool is_hurried, time_point now);

  /// When take_due() will give one; time_point::max(): not before done().
  [[nodiscard]] time_point next_due() const noexcept;
  /// The one that waits longest; it is under way from now on. Call until there is none.
  [[nodiscard]] std::optional<std::uint32_t> take_due(time_point now);
  /// The probe has ended. Does nothing when none is under way.
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
