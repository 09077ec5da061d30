/// \file
/// An HTTP/1.1 request as text (RFC 9112 §3).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::detail {

struct http_request {
  std::string host;
  std::string path = "/";
  /// "Name: value" replaces the default field with that name, or is added if there is none. A line
  /// without a value removes the default field.
  std::vector<std::string> headers;
  std::string method = "GET";
  std::string user_agent = "sdconnect";
  std::string body = {};    ///< sent with its length if it is not empty or `method` is POST, PUT or PATCH
  bool keep_alive = false;  ///< false: asks the server to close the connection after its response
};

/// Returns the request as text. REQUIRES: only `body` may contain line ends.
[[nodiscard]] std::string request_text(const http_request& request);

/// Returns the Host field for a server (RFC 9110 §7.2): with the port, unless it is the default
/// port of HTTP or, over TLS, of HTTPS.
[[nodiscard]] std::string host_field(std::string_view host, std::uint16_t port, bool over_tls);

}  // namespace sdconnect::detail
