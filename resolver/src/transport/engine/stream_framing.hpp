/// \file
/// Splits a stream's octets into DNS messages (RFC 1035 §4.2.2, RFC 7766 §8).
#pragma once

#include "sdconnect/net/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// feed() takes octets in pieces of any size, next() returns messages. Holds at most one message
/// and the octets fed after it.
class stream_framing {
 public:
  /// Appends received octets. Invalidates messages taken before.
  void feed(std::span<const std::uint8_t> octets);

  /// Returns the next whole message, without its length; valid, and the caller may change it, until
  /// feed(). Empty if it is not complete yet. Errors: malformed_message for a length that no
  /// message can have (below the 12 octets of a header); all later calls then fail too, because the
  /// start of the next message is unknown.
  [[nodiscard]] result<std::optional<std::span<std::uint8_t>>> next();

 private:
  std::vector<std::uint8_t> buffer_;
  std::size_t taken_ = 0;  // octets at the front that next() has returned
};

}  // namespace sdconnect::detail
