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
  /// "Name: value" replaces a field of ours with that name and is added otherwise; no value removes
  /// ours.
  std::vector<std::string> headers;
  std::string method = "GET";
  std::string user_agent = "sdconnect";
  std::string body = {};    ///< sent with its length if there is one or `method` is POST, PUT or PATCH
  bool keep_alive = false;  ///< false asks the server to close the connection after its response
};

/// REQUIRES: nothing but `body` contains a line end.
[[nodiscard]] std::string request_text(const http_request& request);

/// The Host field for a server (RFC 9110 §7.2): with the port unless that is the default of HTTP
/// or, over TLS, of HTTPS.
[[nodiscard]] std::string host_field(std::string_view host, std::uint16_t port, bool over_tls);

}  // namespace sdconnect::detail
