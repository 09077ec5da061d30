/// \file
/// The client side of one TLS connection, without its socket: takes octets from the server and
/// produces octets for the server.
#pragma once

#include "sdconnect/net/ip_address.hpp"
#include "sdconnect/net/tls_options.hpp"

#include <boost/asio/ssl/context.hpp>
#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// asio::ssl::stream runs the steps of its operations on an executor, concurrently with other
/// threads that use the stream. This class is called only under the lock of its owner, and needs
/// neither a strand nor a handler.
///
/// After every call there may be output. Send it in that order, also after an error (an alert).
class tls_session {
 public:
  /// Throws as asio::ssl::stream: std::bad_alloc, system_error of OpenSSL.
  tls_session(std::shared_ptr<boost::asio::ssl::context> context, const tls_options& options, const ip_address& server);

  enum class progress : std::uint8_t { wants_octets, authenticated };
  /// Performs the next step: call it first without input, then after each feed(). Errors: those of
  /// OpenSSL, certificate_error, pin_mismatch.
  [[nodiscard]] result<progress> handshake();
  /// Takes octets from the server.
  [[nodiscard]] error_code feed(std::span<const std::uint8_t> octets);
  /// Decrypts into `block`; returns 0 if it needs more input from feed(). Errors: those of OpenSSL,
  /// asio::error::eof after close_notify.
  [[nodiscard]] result<std::size_t> read(std::span<std::uint8_t> block);
  /// Encrypts. REQUIRES: the server is authenticated.
  [[nodiscard]] error_code write(std::span<const std::uint8_t> octets);
  /// Sends close_notify (RFC 8446 §6.1).
  void say_goodbye();

  /// Appends the octets to send to `to`.
  void take_output(std::vector<std::uint8_t>& to);

 private:
  struct free_session {
    void operator()(SSL* s) const noexcept { SSL_free(s); }
  };

  [[nodiscard]] error_code failure(int returned);

  std::shared_ptr<boost::asio::ssl::context> context_;
  tls_options options_;
  std::unique_ptr<SSL, free_session> session_;
  BIO* input_ = nullptr;   // owned by session_
  BIO* output_ = nullptr;  // owned by session_
};

}  // namespace sdconnect::detail
