/// \file
/// Cuts a stream's octets into DNS messages (RFC 1035 §4.2.2, RFC 7766 §8).
#pragma once

#include "sdconnect/net/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// Octets go in by feed() in pieces of any size, messages come out by next(). Holds no more than
/// one message and what was fed behind it.
class stream_framing {
 public:
  /// Appends what was received. Messages taken before are gone.
  void feed(std::span<const std::uint8_t> octets);

  /// The next whole message, without its length; valid, and the caller's to change, until feed().
  /// Empty when it is not all there yet. Errors: malformed_message for a length that no message can
  /// have (below the 12 octets of a header), from then on for ever: where the next message would
  /// begin is not known any more.
  [[nodiscard]] result<std::optional<std::span<std::uint8_t>>> next();

  /// A message or its length has begun and not ended: the stream must not end here.
  [[nodiscard]] bool is_mid_message() const noexcept { return taken_ != buffer_.size(); }

 private:
  std::vector<std::uint8_t> buffer_;
  std::size_t taken_ = 0;  // octets at the front that next() has handed out
};

}  // namespace sdconnect::detail
