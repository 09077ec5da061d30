/// \file
/// One direction of a relay: from a source, through a buffer, to a sink.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sdconnect::helper {

/// It reads only while its buffer is empty (FAULTS L16). Uses no descriptors.
struct relay_direction {
  bool source_open = true;
  bool sink_open = true;
  std::size_t offset = 0;   ///< of the octets in the buffer that are still to be written
  std::size_t pending = 0;  ///< number of these
  std::uint64_t total = 0;  ///< number of octets written

  [[nodiscard]] bool can_read() const noexcept { return source_open && sink_open && pending == 0; }
  [[nodiscard]] bool can_write() const noexcept { return sink_open && pending > 0; }
  /// The source has ended and everything is written: the sink is to end too.
  [[nodiscard]] bool is_drained() const noexcept { return !source_open && sink_open && pending == 0; }

  /// 0 octets: the source has ended.
  void on_read(std::size_t octets) noexcept {
    if (octets == 0) {
      source_open = false;
      return;
    }
    offset = 0;
    pending = octets;
  }
  void on_written(std::size_t octets) noexcept {
    offset += octets;
    pending -= octets;
    total += octets;
  }
  void give_up() noexcept {
    source_open = false;
    sink_open = false;
    offset = pending = 0;
  }
};

}  // namespace sdconnect::helper
