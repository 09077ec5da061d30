/// \file
/// TLS towards an endpoint that is probed: whom its certificate must be for, and what a failed
/// handshake says.
#pragma once

#include "sdconnect/connect/probe.hpp"
#include "sdconnect/dns/endpoint.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <string>
#include <utility>

namespace sdconnect {

using tls_socket = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;

/// Before the handshake: the name or address that the certificate must be valid for, and SNI.
void expect_endpoint(tls_socket& stream, const probe_settings& settings, const endpoint& where);
/// Before the handshake: HTTP/1.1 is what will be spoken (RFC 7301).
void offer_http(tls_socket& stream);

/// After a failed handshake: the reason worth telling.
[[nodiscard]] error_code handshake_fault(tls_socket& stream, error_code ec) noexcept;
/// After a handshake: "TLSv1.3".
[[nodiscard]] std::string version_of(tls_socket& stream);

}  // namespace sdconnect
