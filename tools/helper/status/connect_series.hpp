/// \file
/// Connects per second and connect times of the last five minutes.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace sdconnect::helper {

/// One second.
struct series_point {
  std::uint32_t connects = 0;  ///< successful ones
  std::uint32_t failures = 0;
  std::chrono::microseconds p50{}, p99{};  ///< connect times, within an eighth; zero without a success

  friend bool operator==(const series_point&, const series_point&) = default;
};

/// `now` never goes back between calls. Not thread safe. 8 KiB, O(1) for each connect.
class connect_series {
 public:
  static constexpr std::size_t length = 300;
  using time_point = std::chrono::steady_clock::time_point;

  explicit connect_series(time_point now) : second_(std::chrono::floor<std::chrono::seconds>(now)) {}

  /// `time`: how long the connect took; none: it failed.
  void add(std::optional<std::chrono::microseconds> time, time_point now);
  /// Returns the last `length` whole seconds, the oldest first; the current second is not whole.
  [[nodiscard]] std::vector<series_point> points(time_point now);

 private:
  void advance(time_point now);
  [[nodiscard]] std::chrono::microseconds quantile(std::uint32_t percent) const noexcept;

  static constexpr std::size_t bucket_count = 128;  // the last one begins at two hours
  std::chrono::time_point<std::chrono::steady_clock, std::chrono::seconds> second_;
  std::array<series_point, length> ring_{};
  std::size_t next_ = 0;  // position of the oldest point
  series_point current_;
  std::array<std::uint32_t, bucket_count> buckets_{};
};

}  // namespace sdconnect::helper
