/// \file
/// Finds the first of many deadlines, so that one timer serves all of them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sdconnect::detail {

/// A binary heap that knows where each key is: setting, moving and removing a deadline are O(log
/// n), usually O(1), because a new deadline is usually the last. Keys are small numbers, such as
/// indexes of slots; each has at most one deadline. Allocates only while it grows.
class deadline_heap {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using key_type = std::uint32_t;

  struct entry {
    time_point when;
    key_type key = 0;
  };

  /// Adds the deadline of `key`, or moves it.
  void set(key_type key, time_point when);
  /// Does nothing if `key` has no deadline.
  void remove(key_type key) noexcept;

  [[nodiscard]] bool empty() const noexcept { return heap_.empty(); }
  /// REQUIRES: not empty.
  [[nodiscard]] const entry& first() const noexcept { return heap_.front(); }

 private:
  static constexpr std::uint32_t nowhere = UINT32_MAX;

  void rise(std::size_t at) noexcept;
  void sink(std::size_t at) noexcept;
  void put(std::size_t at, const entry& placed) noexcept;

  std::vector<entry> heap_;
  std::vector<std::uint32_t> positions_;  // by key: its index in heap_
};

}  // namespace sdconnect::detail
