/// \file
/// Time arithmetic that stops at the ends of the range: a duration or deadline of max() means no
/// limit (FAULTS O36).
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <ratio>
#include <type_traits>

namespace sdconnect::detail {

/// `given` in the unit of `To`, any number of units; what `To` cannot hold becomes To::max() or
/// To::min(). A unit that is coarser than that of `given` rounds towards zero, as duration_cast
/// does.
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

/// `from + by`; what lies beyond the clock's range becomes time_point::max() or time_point::min().
/// max() and min() themselves stay what they are, whatever is added: no limit remains no limit.
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

/// `until - from`, in the unit of the time points, within the range of Duration. `until` = max() or
/// min(): Duration::max() or Duration::min(), so that "no limit" is so as a duration, too.
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
