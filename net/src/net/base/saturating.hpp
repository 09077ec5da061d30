/// \file
/// Time arithmetic that saturates at the limits of the range: a duration or deadline of max() means
/// no limit (FAULTS O36).
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <ratio>
#include <type_traits>

namespace sdconnect::detail {

/// Converts `given` to the unit of `To`. A value that `To` cannot hold becomes To::max() or
/// To::min(). If the unit of `To` is coarser, rounds towards zero, as duration_cast does.
template <class To, class Rep, class Period>
requires std::is_integral_v<Rep>
[[nodiscard]] constexpr To saturated(std::chrono::duration<Rep, Period> given) noexcept {
  using wide = std::chrono::duration<std::int64_t, Period>;
  if constexpr (std::numeric_limits<Rep>::digits > std::numeric_limits<std::int64_t>::digits) {
    if (given.count() > static_cast<Rep>(std::numeric_limits<std::int64_t>::max())) return To::max();
  }
  const wide same(static_cast<std::int64_t>(given.count()));
  if constexpr (std::ratio_greater_v<Period, typename To::period>) {
    if (same > std::chrono::duration_cast<wide>(To::max())) return To::max();
    if (same < std::chrono::duration_cast<wide>(To::min())) return To::min();
  }
  return std::chrono::duration_cast<To>(same);
}

/// Returns `from + by`. A result beyond the clock's range becomes time_point::max() or
/// time_point::min(). A `from` of max() or min() is returned unchanged: no limit stays no limit.
template <class Clock, class Duration, class Rep, class Period>
[[nodiscard]] constexpr std::chrono::time_point<Clock, Duration> later(std::chrono::time_point<Clock, Duration> from,
                                                                       std::chrono::duration<Rep, Period> by) noexcept {
  using point = std::chrono::time_point<Clock, Duration>;
  if (from == point::max() || from == point::min()) return from;
  const auto step = saturated<Duration>(by);
  if (step > Duration::zero() && from > point::max() - step) return point::max();
  if (step < Duration::zero() && from < point::min() - step) return point::min();
  return from + step;
}

/// Returns `until - from` in the unit of the time points, within the range of Duration. If `until`
/// is max() or min(), returns Duration::max() or Duration::min(), so "no limit" stays "no limit" as
/// a duration.
template <class Clock, class Duration>
[[nodiscard]] constexpr Duration time_between(std::chrono::time_point<Clock, Duration> from,
                                              std::chrono::time_point<Clock, Duration> until) noexcept {
  using point = std::chrono::time_point<Clock, Duration>;
  if (until == point::max()) return Duration::max();
  if (until == point::min()) return Duration::min();
  const Duration start = from.time_since_epoch();
  if (start < Duration::zero() && until > point::max() + start) return Duration::max();
  if (start > Duration::zero() && until < point::min() + start) return Duration::min();
  return until - from;
}

}  // namespace sdconnect::detail
