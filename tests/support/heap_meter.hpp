/// \file
/// Counts what operator new hands out on this thread, to bound what one message may cost. Needs
/// heap_meter.cpp in the program, which replaces the global operators.
#pragma once

#include <cstddef>

namespace sdconnect::test {

/// Starts at zero when made. One at a time per thread.
class heap_meter {
 public:
  heap_meter() noexcept;

  /// False under ThreadSanitizer, whose own operators cannot be replaced: then nothing is ever
  /// counted.
  [[nodiscard]] static bool is_counting();

  /// The most octets that were in use at once.
  [[nodiscard]] std::size_t peak() const noexcept;
  [[nodiscard]] std::size_t allocations() const noexcept;
};

}  // namespace sdconnect::test
