/// \file
/// The client side of TLS: protocol versions and the authentication of the server.
#pragma once

#include "sdconnect/net/ip_address.hpp"
#include "sdconnect/net/tls_options.hpp"

#include <boost/asio/ssl/context.hpp>
#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace sdconnect::detail {

/// Makes a context for TLS 1.2 or later (RFC 8310 §9), without renegotiation, with the trusted
/// authorities. Errors: unusable_ca_file.
[[nodiscard]] result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const tls_options& options);

/// Call before the handshake: sets the name or address that the certificate must be issued for, and
/// SNI.
void expect_server(SSL* connection, const tls_options& options, const ip_address& address);

/// Call before the handshake: sets the host name or IP address, in text form, that the certificate
/// must be valid for, and sends `server_name` as SNI, if it is no address (RFC 6066 §3).
void expect_peer(SSL* connection, const std::string& host, const std::string& server_name);

/// Call after a failed handshake: returns the certificate's error if it is the cause, otherwise
/// `ec`.
[[nodiscard]] error_code handshake_failure(SSL* connection, error_code ec) noexcept;

/// Call after the handshake and before the first query: checks the pins. Errors: pin_mismatch.
[[nodiscard]] error_code check_pins(SSL* connection, const tls_options& options);

}  // namespace sdconnect::detail
