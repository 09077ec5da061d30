/// \file
/// The GET request that `sd-connect get` sends, as text.
#pragma once

#include "sdconnect/dns/endpoint.hpp"
#include "sdconnect/resolver/service_query.hpp"

#include <string>
#include <vector>

namespace sdconnect::cli {

/// The Host field for a request to `where`: the service name asked for, which tells a server with many sites the
/// service meant, or the instance's, where -v or --instance chose one; the target where that is no host name ("My
/// Printer") or no service was found, with its port unless that is the default of HTTP or, over TLS, of HTTPS.
[[nodiscard]] std::string host_field(const service_query& asked, const endpoint& where, bool tls);

struct http_request {
  std::string host;
  std::string path = "/";
  std::vector<std::string>
      headers;  ///< "Name: value": replaces a field of ours with that name, is added otherwise; no value removes ours
};

/// REQUIRES: a path and headers as options hold them, checked: nothing here could end a line early.
[[nodiscard]] std::string request_text(const http_request& request);

}  // namespace sdconnect::cli
