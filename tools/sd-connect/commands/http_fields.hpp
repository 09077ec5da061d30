/// \file
/// The User-Agent and Host fields that this program sends in HTTP requests.
#pragma once

#include "sdconnect/dns/endpoint.hpp"
#include "sdconnect/resolver/service_query.hpp"

#include <string>

namespace sdconnect::cli {

/// Returns the queried service name, which selects the site on a server with many sites; with -v or
/// --instance, the name of the chosen instance. Returns an empty string if that is not a host name
/// ("My Printer") or the endpoint does not come from a service.
[[nodiscard]] std::string service_host(const service_query& asked, const endpoint& where);

/// Returns service_host(), or if that is empty the target, with its port unless it is the default
/// port of HTTP or, over TLS, of HTTPS.
[[nodiscard]] std::string host_field(const service_query& asked, const endpoint& where, bool tls);

/// "sd-connect/0.1.0".
[[nodiscard]] std::string user_agent();

}  // namespace sdconnect::cli
