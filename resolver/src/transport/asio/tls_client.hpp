/// \file
/// What makes a TLS connection DNS over TLS: the protocol versions, and who the other side must be
/// (RFC 7858, RFC 8310).
#pragma once

#include "sdconnect/transport/name_server.hpp"

#include <boost/asio/ssl/context.hpp>
#include <openssl/ssl.h>

#include <memory>

namespace sdconnect {

/// TLS 1.2 or later (RFC 8310 §9), without renegotiation, and the authorities to believe. Errors:
/// unusable_ca_file.
[[nodiscard]] result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const tls_settings& settings);

/// Before the handshake: whom the certificate must be issued for, and SNI.
void expect_server(SSL* connection, const tls_settings& settings, const ip_address& address);

/// After a failed handshake: the reason worth telling, which is the certificate's if that was it.
[[nodiscard]] error_code handshake_failure(SSL* connection, error_code ec) noexcept;

/// After the handshake and before the first query: the pins. Errors: pin_mismatch.
[[nodiscard]] error_code check_pins(SSL* connection, const tls_settings& settings);

}  // namespace sdconnect
