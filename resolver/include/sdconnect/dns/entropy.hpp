/// \file
/// The one place that asks the operating system for entropy: query IDs, source ports, seeds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sdconnect {

/// Fills `out` through getrandom(2). Blocks only in the seconds after boot until the kernel's pool is initialised.
/// Thread safe. Errors: std::system_error when the kernel has no such call or forbids it; there is no weaker
/// fallback.
void fill_with_entropy(std::span<std::byte> out);

/// 64 bits, a system call each. Errors and thread safety as fill_with_entropy.
[[nodiscard]] std::uint64_t entropy64();

/// Unpredictable 16-bit values for query IDs (RFC 5452 §9.2), one system call for 128 of them.
///
/// Not thread safe. After fork() the child holds the same unused values as its parent: make a new source there.
class entropy_source {
 public:
  entropy_source() = default;
  entropy_source(const entropy_source&) = delete;  // a copy would repeat the values
  entropy_source& operator=(const entropy_source&) = delete;

  /// Errors: std::system_error as fill_with_entropy; the source stays usable.
  [[nodiscard]] std::uint16_t next16();

 private:
  static constexpr std::size_t buffer_size = 256;  // the most that getrandom(2) promises to deliver uninterrupted

  std::array<std::byte, buffer_size> buffer_{};
  std::size_t used_ = buffer_size;
};

}  // namespace sdconnect
