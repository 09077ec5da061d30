/// \file
/// The User-Agent and Host fields that this program sends in HTTP requests.
#pragma once

#include "net/tls/client_stream.hpp"
#include "sd-connect/options/options.hpp"
#include "sdconnect/dns/endpoint.hpp"

#include <string>

namespace sdconnect::cli {

/// Returns the Host field that the user wants instead of the target: that of --host, or for --host
/// service the queried service name; with -v or --instance, the name of the chosen instance. Empty
/// without --host, and if the service name is not a host name ("My Printer") or the endpoint does
/// not come from a service.
[[nodiscard]] std::string host_of_user(const options& opts, const endpoint& where);

/// Returns host_of_user(), or if that is empty the target, with its port unless it is the default
/// port of HTTP or, over TLS, of HTTPS.
[[nodiscard]] std::string host_field(const options& opts, const endpoint& where);

/// The names of a server in TLS: those of --tls-name (certificate) and --host (SNI), each in place
/// of the other if only one is given; without both the target.
[[nodiscard]] detail::tls_names tls_names_of(const options& opts, const endpoint& where);

/// "sd-connect/0.1.0".
[[nodiscard]] std::string user_agent();

}  // namespace sdconnect::cli
