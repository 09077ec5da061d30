/// \file
/// Notices that the machine has slept: the clock since boot ran on, the steady one stood still.
#pragma once

#include "sdconnect/net/boot_clock.hpp"

#include <chrono>

namespace sdconnect::detail {

/// Asked now and then, it tells each suspension once. What was learned before one may be out of
/// date although its time has not come, sockets may belong to a network that is gone, and all
/// machines of a rack may wake in the same second.
class suspend_detector {
 public:
  using steady_time = std::chrono::steady_clock::time_point;
  using boot_time = boot_clock::time_point;

  /// Shorter ones are added up until they count: so does the time between reading the two clocks,
  /// when a busy machine gives the processor to others meanwhile.
  static constexpr std::chrono::seconds shortest{1};

  suspend_detector(steady_time steady, boot_time boot) noexcept : ahead_(ahead(steady, boot)) {}

  /// For how long the machine slept since the last time this was not zero; zero up to `shortest`.
  [[nodiscard]] std::chrono::nanoseconds on_time(steady_time steady, boot_time boot) noexcept;

 private:
  static std::chrono::nanoseconds ahead(steady_time steady, boot_time boot) noexcept {
    return boot.time_since_epoch() - steady.time_since_epoch();
  }

  std::chrono::nanoseconds ahead_;  // the boot clock of the steady one
};

}  // namespace sdconnect::detail
