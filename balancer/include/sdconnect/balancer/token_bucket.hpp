/// \file
/// A token bucket of limited size, which time and put() fill.
#pragma once

#include <algorithm>
#include <chrono>

namespace sdconnect::detail {

class token_bucket {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Starts full. Negative numbers count as zero.
  token_bucket(double per_s, double size, time_point now) noexcept
      : per_s_(std::max(per_s, 0.0)), size_(std::max(size, 0.0)), tokens_(size_), filled_(now) {}

  void put(double tokens, time_point now) noexcept {
    fill(now);
    tokens_ = std::min(tokens_ + tokens, size_);
  }

  /// Takes one token, if there is one.
  [[nodiscard]] bool try_take(time_point now) noexcept {
    fill(now);
    if (tokens_ < nearly_one) return false;
    tokens_ = std::max(tokens_ - 1, 0.0);
    return true;
  }

  [[nodiscard]] double tokens(time_point now) const noexcept {
    if (now <= filled_) return tokens_;
    return std::min(tokens_ + per_s_ * std::chrono::duration<double>(now - filled_).count(), size_);
  }

  /// Time at which try_take() succeeds if no other call takes or puts before; time_point::max():
  /// never.
  [[nodiscard]] time_point next(time_point now) const noexcept {
    const double missing = 1 - tokens(now);
    if (missing <= 1 - nearly_one) return now;
    // A bucket too small for a token never holds one. More than about a century counts as never;
    // shorter waits can be added to `now` without overflow.
    const double seconds = missing / per_s_;
    if (size_ < nearly_one || !(seconds < 3e9)) return time_point::max();
    return now + std::chrono::ceil<time_point::duration>(std::chrono::duration<double>(seconds));
  }

 private:
  static constexpr double nearly_one = 1 - 1e-9;  // ten times a tenth is a little less than one

  void fill(time_point now) noexcept {
    tokens_ = tokens(now);
    filled_ = std::max(filled_, now);
  }

  double per_s_;
  double size_;
  double tokens_;
  time_point filled_;
};

}  // namespace sdconnect::detail
