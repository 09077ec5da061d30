/// \file
/// How a client authenticates the server of a TLS connection.
#pragma once

#include "sdconnect/net/error.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect {

/// SHA-256 of a certificate's SubjectPublicKeyInfo (RFC 7858 §4.2).
struct key_pin {
  std::array<std::uint8_t, 32> digest{};

  /// Reads curl's notation, `sha256//` and 44 characters of base64. Errors: bad_key_pin.
  [[nodiscard]] static result<key_pin> from_text(std::string_view text);

  friend bool operator==(const key_pin&, const key_pin&) = default;
};

/// The client authenticates the server by
///  - its certificate, which must be issued for `server_name` or, without a name, for the server's
///    IP address, and
///  - `pins`, if there are any: a key of the verified chain must be one of them.
///
/// Pins without a name and without a CA file are sufficient: the key of the server's own
/// certificate must be one of them, and the client checks nothing else of the certificate, as for
/// the self-signed certificates of RFC 7858 §4.2.
struct tls_options {
  std::string server_name;  ///< host name without the final dot; also sent as SNI
  std::vector<key_pin> pins;
  std::string ca_file;         ///< PEM file; empty: the authorities that the system trusts
  bool opportunistic = false;  ///< encrypts without authenticating the server (RFC 8310 §5)

  [[nodiscard]] bool is_pinned_only() const noexcept {
    return !pins.empty() && server_name.empty() && ca_file.empty() && !opportunistic;
  }
};

}  // namespace sdconnect
