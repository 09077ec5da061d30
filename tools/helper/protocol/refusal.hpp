/// \file
/// Why a client of a proxy is refused, and how each protocol says it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sdconnect::helper {

enum class refusal_kind : std::uint8_t {
  bad_request,  ///< malformed
  head_too_large,
  not_authenticated,    ///< no credentials, or wrong ones
  denied,               ///< by policy
  misdirected,          ///< not a destination of this proxy
  unsupported_command,  ///< SOCKS: BIND, UDP ASSOCIATE
  unsupported_address,  ///< SOCKS: an unknown type of address
  no_service,           ///< DNS says that there is none
  dns_timeout,
  dns_failure,
  unavailable,  ///< SRV target "."
  prohibited,   ///< only addresses that must not be connected to
  loop,         ///< the service leads back to this proxy
  refused,      ///< by the endpoints
  unreachable,
  timed_out,
  bad_response,  ///< the backend did not speak HTTP
  at_limit,
  internal,
};

struct refusal {
  refusal_kind kind = refusal_kind::internal;
  std::string reason;  ///< a phrase for people, of any octets
  std::string id;      ///< of the connection, as in the log
};

[[nodiscard]] char socks5_code(refusal_kind kind) noexcept;  ///< RFC 1928 §6
[[nodiscard]] unsigned http_status(refusal_kind kind) noexcept;
/// Proxy error type of RFC 9209 §2.3.
[[nodiscard]] std::string_view proxy_error(refusal_kind kind) noexcept;

/// Returns a complete response that ends the connection. The reason is in the status line, the only
/// part of a refused CONNECT that most clients show, in Proxy-Status (RFC 9209) and in the body.
[[nodiscard]] std::string http_refusal(const refusal& why, bool with_body = true);

/// `text` in a status line: printable ASCII, at most 200 octets (RFC 9112 §4).
[[nodiscard]] std::string reason_phrase(std::string_view text);

}  // namespace sdconnect::helper
