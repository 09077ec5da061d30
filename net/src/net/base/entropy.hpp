/// \file
/// The only code that asks the operating system for entropy: query IDs, source ports, seeds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sdconnect::detail {

/// Fills `out` with getrandom(2). Blocks only in the seconds after boot until the kernel's pool is
/// initialised. Thread safe. Errors: std::system_error if the kernel does not have the call or
/// forbids it; there is no weaker fallback.
void fill_with_entropy(std::span<std::byte> out);

/// Returns 64 bits, one system call each. Errors and thread safety as fill_with_entropy.
[[nodiscard]] std::uint64_t entropy64();

/// Unpredictable 16-bit values for query IDs and ports (RFC 5452 §9.2), with one system call for
/// 512 values.
///
/// Not thread safe. After fork() parent and child continue with different values: the unused values
/// are in memory that the kernel clears in a child (MADV_WIPEONFORK, Linux 4.14). If the kernel
/// does not support this, each value costs a system call.
class entropy_source {
 public:
  /// Errors: std::bad_alloc.
  entropy_source();
  entropy_source(const entropy_source&) = delete;  // a copy would repeat the values
  entropy_source& operator=(const entropy_source&) = delete;
  ~entropy_source();

  /// Errors: std::system_error as in fill_with_entropy; the source stays usable.
  [[nodiscard]] std::uint16_t next16();

 private:
  struct stock;

  stock* stock_ = nullptr;  // in its own mapping
  bool is_wiped_on_fork_ = false;
};

}  // namespace sdconnect::detail
