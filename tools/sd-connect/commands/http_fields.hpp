/// \file
/// What this program says of itself and of whom it means in HTTP requests.
#pragma once

#include "sdconnect/dns/endpoint.hpp"
#include "sdconnect/resolver/service_query.hpp"

#include <string>

namespace sdconnect::cli {

/// The service name asked for, which tells a server with many sites the service meant, or the
/// instance's, where -v or --instance chose one. Empty where that is no host name ("My Printer") or
/// no service was found.
[[nodiscard]] std::string service_host(const service_query& asked, const endpoint& where);

/// The same, and the target in place of nothing, with its port unless that is the default of HTTP
/// or, over TLS, of HTTPS.
[[nodiscard]] std::string host_field(const service_query& asked, const endpoint& where, bool tls);

/// "sd-connect/0.1.0".
[[nodiscard]] std::string user_agent();

}  // namespace sdconnect::cli
