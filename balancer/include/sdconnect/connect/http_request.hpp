/// \file
/// A GET or HEAD request as text.
#pragma once

#include "sdconnect/dns/endpoint.hpp"

#include <string>
#include <vector>

namespace sdconnect {

struct http_request {
  std::string host;
  std::string path = "/";
  std::vector<std::string>
      headers;  ///< "Name: value": replaces a field of ours with that name, is added otherwise; no value removes ours
  std::string method = "GET";
  std::string user_agent = "sdconnect";
};

/// REQUIRES: parts that are checked: nothing in them could end a line early.
[[nodiscard]] std::string request_text(const http_request& request);

/// The Host field that names the endpoint itself: its target, with the port unless that is the
/// default of HTTP or, over TLS, of HTTPS.
[[nodiscard]] std::string host_of(const endpoint& where, bool over_tls);

}  // namespace sdconnect
