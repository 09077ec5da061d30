/// \file
/// Clock for TTLs: monotonic, and it also runs while the machine is suspended (CLOCK_BOOTTIME).
#pragma once

#include <chrono>

namespace sdconnect {

/// Meets the requirements of a standard clock. Setting the wall clock does not change it. Thread
/// safe.
struct boot_clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<boot_clock>;
  static constexpr bool is_steady = true;

  [[nodiscard]] static time_point now() noexcept;
};

}  // namespace sdconnect
