/// \file
/// Counts the memory that operator new allocates on this thread, to limit the cost of one message.
/// Needs heap_meter.cpp in the program, which replaces the global operators.
#pragma once

#include <cstddef>

namespace sdconnect::test {

/// Starts at zero. At most one per thread.
class heap_meter {
 public:
  heap_meter() noexcept;

  /// False under ThreadSanitizer, whose operators cannot be replaced: then it counts nothing.
  [[nodiscard]] static bool is_counting();

  /// The highest number of octets in use at the same time.
  [[nodiscard]] std::size_t peak() const noexcept;
  /// Octets in use now.
  [[nodiscard]] std::size_t in_use() const noexcept;
  [[nodiscard]] std::size_t allocations() const noexcept;
};

}  // namespace sdconnect::test
