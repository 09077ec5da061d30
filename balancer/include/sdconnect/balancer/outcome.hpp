/// \file
/// Outcome of an attempt to use an endpoint; health decisions are based on it.
#pragma once

#include <cstdint>
#include <string_view>

namespace sdconnect {

enum class outcome_kind : std::uint8_t {
  connected,         ///< the only success
  refused,           ///< TCP RST in answer to SYN
  unreachable,       ///< ICMP error, or no route
  timed_out,         ///< no answer within the attempt's time limit
  overtaken,         ///< no answer within its head start (RFC 8305 §5), while a later attempt got one
  reset,             ///< the stream broke after it had been established
  closed_silently,   ///< the peer closed the stream before it sent a byte; counts only with silent_close_is_failure
  handshake_failed,  ///< the handshake of TLS, or of the protocol on top, failed
  abandoned,         ///< this client ended it before it had a result
  local_failure,     ///< no descriptors, no memory: not the endpoint's fault
};

/// "connected", "refused", ... with spaces instead of underscores.
[[nodiscard]] std::string_view to_string(outcome_kind kind) noexcept;

/// True for outcomes that are neither a success nor a failure of the endpoint.
[[nodiscard]] constexpr bool says_nothing(outcome_kind kind) noexcept {
  return kind == outcome_kind::abandoned || kind == outcome_kind::local_failure;
}

}  // namespace sdconnect
