#include "transport/engine/stream_framing.hpp"

namespace sdconnect::detail {
namespace {

constexpr std::size_t length_size = 2;
constexpr std::size_t header_size = 12;  // RFC 1035 §4.1.1: no message is shorter

}  // namespace

void stream_framing::feed(std::span<const std::uint8_t> octets) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(taken_));
  taken_ = 0;
  buffer_.insert(buffer_.end(), octets.begin(), octets.end());
}

result<std::optional<std::span<std::uint8_t>>> stream_framing::next() {
  const std::span<std::uint8_t> rest = std::span(buffer_).subspan(taken_);
  if (rest.size() < length_size) return std::nullopt;
  const std::size_t length = std::size_t{rest[0]} << 8 | rest[1];
  if (length < header_size) return errc::malformed_message;
  if (rest.size() - length_size < length) return std::nullopt;
  taken_ += length_size + length;
  return rest.subspan(length_size, length);
}

}  // namespace sdconnect::detail
