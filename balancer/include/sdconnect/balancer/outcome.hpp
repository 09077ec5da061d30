/// \file
/// What became of an attempt to use an endpoint: what health is made of.
#pragma once

#include <cstdint>
#include <string_view>

namespace sdconnect {

enum class outcome_kind : std::uint8_t {
  connected,         ///< the only good one
  refused,           ///< TCP RST in answer to SYN
  unreachable,       ///< ICMP, or no route
  timed_out,         ///< no answer within the attempt's limit
  overtaken,         ///< no answer in its head start (RFC 8305 §5), while a later attempt got one
  reset,             ///< the stream broke after it had been established
  closed_silently,   ///< the peer closed the stream without having sent a byte; counts only by option
  handshake_failed,  ///< TLS, or the protocol on top
  abandoned,         ///< ended by us before it could tell anything
  local_failure,     ///< no descriptors, no memory: not the endpoint's doing
};

/// "connected", "refused", ... with spaces instead of underscores.
[[nodiscard]] std::string_view to_string(outcome_kind kind) noexcept;

/// Neither a success nor the endpoint's failure.
[[nodiscard]] constexpr bool says_nothing(outcome_kind kind) noexcept {
  return kind == outcome_kind::abandoned || kind == outcome_kind::local_failure;
}

}  // namespace sdconnect
