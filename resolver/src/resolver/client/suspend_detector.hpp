/// \file
/// Detects that the machine was suspended: the boot clock continued, the steady clock stood still.
#pragma once

#include "sdconnect/net/boot_clock.hpp"

#include <chrono>

namespace sdconnect::detail {

/// Called from time to time, on_time() reports each suspension once. After a suspension, known data
/// may be out of date although their time has not come, sockets may belong to a network that is
/// gone, and all machines of a rack may wake in the same second.
class suspend_detector {
 public:
  using steady_time = std::chrono::steady_clock::time_point;
  using boot_time = boot_clock::time_point;

  /// Shorter suspensions add up until they count. So does the time between reading the two clocks,
  /// if a busy machine runs other processes in between.
  static constexpr std::chrono::seconds shortest{1};

  suspend_detector(steady_time steady, boot_time boot) noexcept : ahead_(ahead(steady, boot)) {}

  /// Returns how long the machine slept since the last result that was not zero; zero up to
  /// `shortest`.
  [[nodiscard]] std::chrono::nanoseconds on_time(steady_time steady, boot_time boot) noexcept;

 private:
  static std::chrono::nanoseconds ahead(steady_time steady, boot_time boot) noexcept {
    return boot.time_since_epoch() - steady.time_since_epoch();
  }

  std::chrono::nanoseconds ahead_;  // boot clock minus steady clock
};

}  // namespace sdconnect::detail
