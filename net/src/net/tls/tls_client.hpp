/// \file
/// The client's side of TLS: the protocol versions, and who the server must be.
#pragma once

#include "sdconnect/net/ip_address.hpp"
#include "sdconnect/net/tls_options.hpp"

#include <boost/asio/ssl/context.hpp>
#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace sdconnect::detail {

/// TLS 1.2 or later (RFC 8310 §9), without renegotiation, and the authorities to believe. Errors:
/// unusable_ca_file.
[[nodiscard]] result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const tls_options& options);

/// Before the handshake: whom the certificate must be issued for, and SNI.
void expect_server(SSL* connection, const tls_options& options, const ip_address& address);

/// The same for a host name or an IP address in text form.
void expect_peer(SSL* connection, const std::string& host);

/// After a failed handshake: the reason worth telling, which is the certificate's if that was it.
[[nodiscard]] error_code handshake_failure(SSL* connection, error_code ec) noexcept;

/// After the handshake and before the first query: the pins. Errors: pin_mismatch.
[[nodiscard]] error_code check_pins(SSL* connection, const tls_options& options);

}  // namespace sdconnect::detail
